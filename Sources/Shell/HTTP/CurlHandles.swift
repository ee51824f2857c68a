import CCurl
import Core

/// The libcurl easy handle of one transfer after the other, with its error text.
///
/// A class, since libcurl's pool and a transfer pass it on; only the client's thread touches it.
final class CurlEasy {
    let pointer: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    /// The header fields libcurl reads while the transfer runs.
    private var headers: UnsafeMutablePointer<curl_slist>?

    /// Creates a handle, or returns nil if there is no memory for it.
    init?() {
        guard let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_slist_free_all(headers)
        errorText.deallocate()
    }

    /// Forgets everything of the last transfer but the error buffer, so that no header field of
    /// one host ever goes to another.
    func reset() {
        curl_easy_reset(pointer)
        curl_slist_free_all(headers)
        headers = nil
        errorText.pointee = 0
        onedrive_curl_set_pointer(pointer, CURLOPT_ERRORBUFFER, errorText)
    }

    func set(_ option: CURLoption, _ value: Int) {
        onedrive_curl_set_long(pointer, option, value)
    }

    func set(_ option: CURLoption, _ value: String) {
        onedrive_curl_set_string(pointer, option, value)
    }

    func set(_ option: CURLoption, offset value: Int64) {
        onedrive_curl_set_offset(pointer, option, curl_off_t(value))
    }

    /// Sets the lines `Name: value` that are sent; libcurl's own `Name:` form leaves one out.
    func set(headerLines: [String]) {
        for line in headerLines {
            guard let longer = curl_slist_append(headers, line) else { continue }
            headers = longer
        }
        onedrive_curl_set_pointer(pointer, CURLOPT_HTTPHEADER, headers)
    }

    /// Makes libcurl's callbacks call an object, which the caller keeps alive while the handle is
    /// part of a multi handle.
    func connect(to transfer: Transfer) {
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        onedrive_curl_set_pointer(pointer, CURLOPT_PRIVATE, context)
        onedrive_curl_set_pointer(pointer, CURLOPT_HEADERDATA, context)
        onedrive_curl_set_pointer(pointer, CURLOPT_WRITEDATA, context)
        onedrive_curl_set_pointer(pointer, CURLOPT_READDATA, context)
        onedrive_curl_set_data_callback(pointer, CURLOPT_HEADERFUNCTION) {
            bytes, size, count, context in
            guard let context, let bytes else { return 0 }
            return Transfer.at(context).received(
                headerLine: UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        onedrive_curl_set_data_callback(pointer, CURLOPT_WRITEFUNCTION) {
            bytes, size, count, context in
            guard let context, let bytes else { return 0 }
            return Transfer.at(context).received(
                body: UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        onedrive_curl_set_data_callback(pointer, CURLOPT_READFUNCTION) {
            bytes, size, count, context in
            guard let context, let bytes else { return onedrive_curl_readfunc_abort }
            return Transfer.at(context).fill(
                UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
        }
        onedrive_curl_set_begin_callback(pointer, context) { context, _, _, _, _ in
            guard let context, Transfer.at(context).mayBegin() else {
                return Int32(onedrive_curl_begin_abort)
            }
            return Int32(onedrive_curl_begin_ok)
        }
    }

    /// Lets the transfer go on after a callback paused it.
    ///
    /// The callbacks may run before it returns.
    func resume() {
        curl_easy_pause(pointer, CURLPAUSE_CONT)
    }

    /// The text of the last error, empty if libcurl gave none.
    var errorMessage: String {
        String(cString: errorText)
    }

    func number(_ info: CURLINFO) -> Int {
        var value = 0
        onedrive_curl_get_long(pointer, info, &value)
        return value
    }

    /// Whether a proxy has declined to pass the connection on, so that nothing has left it.
    var proxyRefused: Bool {
        let status = number(CURLINFO_HTTP_CONNECTCODE)
        return status != 0 && !(200..<300).contains(status)
    }

    /// The protocol that the last response came by.
    var version: String? {
        switch number(CURLINFO_HTTP_VERSION) {
        case CURL_HTTP_VERSION_1_0: "HTTP/1.0"
        case CURL_HTTP_VERSION_1_1: "HTTP/1.1"
        case CURL_HTTP_VERSION_2_0: "HTTP/2"
        default: nil
        }
    }

    func offset(_ info: CURLINFO) -> Int64 {
        var value: curl_off_t = 0
        onedrive_curl_get_offset(pointer, info, &value)
        return Int64(value)
    }
}

/// The libcurl multi handle, which runs the transfers of one thread.
///
/// Sendable because it is handed over to that thread once; ``wakeUp()`` alone is called by others,
/// which libcurl allows at any time before the handle is freed.
struct CurlMulti: ~Copyable, @unchecked Sendable {
    private let pointer: UnsafeMutableRawPointer

    /// Prepares libcurl for the process, once.
    private static let isReady = onedrive_curl_global_init() == CURLE_OK

    /// Creates a handle that keeps at most that many connections open, or returns nil if libcurl
    /// cannot start.
    init?(connectionLimit: Int) {
        guard Self.isReady, let pointer = curl_multi_init() else { return nil }
        self.pointer = pointer
        onedrive_curl_multi_set_long(pointer, CURLMOPT_MAXCONNECTS, connectionLimit)
    }

    deinit {
        curl_multi_cleanup(pointer)
    }

    borrowing func wakeUp() {
        curl_multi_wakeup(pointer)
    }

    borrowing func add(_ easy: CurlEasy) -> Bool {
        curl_multi_add_handle(pointer, easy.pointer) == CURLM_OK
    }

    borrowing func remove(_ easy: CurlEasy) {
        curl_multi_remove_handle(pointer, easy.pointer)
    }

    /// Moves whatever bytes can be moved without waiting.
    borrowing func perform() {
        var running: Int32 = 0
        curl_multi_perform(pointer, &running)
    }

    /// Waits until something can be moved, ``wakeUp()`` is called, or the time is over.
    borrowing func wait(milliseconds: Int32) {
        curl_multi_poll(pointer, nil, 0, milliseconds, nil)
    }

    /// Takes a transfer that is over, with its result.
    borrowing func nextFinished() -> (transfer: Transfer, code: CURLcode)? {
        var left: Int32 = 0
        while let message = curl_multi_info_read(pointer, &left) {
            guard message.pointee.msg == CURLMSG_DONE else { continue }
            var context: UnsafeMutableRawPointer?
            onedrive_curl_get_pointer(
                message.pointee.easy_handle, CURLINFO_PRIVATE, &context)
            guard let context else { continue }
            return (Transfer.at(context), message.pointee.data.result)
        }
        return nil
    }
}

extension Transfer {
    /// Returns the transfer that a callback was registered for; its loop keeps it alive.
    fileprivate static func at(_ context: UnsafeMutableRawPointer) -> Transfer {
        Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }
}
