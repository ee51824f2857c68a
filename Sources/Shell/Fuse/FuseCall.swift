import CFuse3
import Core
import Glibc

/// What libfuse's callbacks have in common.
///
/// Static members of a type of their own: named in full they are no captures.
enum FuseCall {
    /// Calls the file system about a request.
    @inline(__always)
    static func serve(
        _ raw: fuse_req_t?, _ body: (any FileSystem, FuseRequest) -> Void
    ) {
        guard let raw, let connection = FuseConnection.of(raw) else { return }
        body(connection.fileSystem, FuseRequest(raw: raw, connection: connection))
    }

    /// Calls the file system about a name in a directory.
    @inline(__always)
    static func serve(
        _ raw: fuse_req_t?, _ name: UnsafePointer<CChar>?,
        _ body: (any FileSystem, FuseRequest, Name) -> Void
    ) {
        serve(raw) { fileSystem, request in
            guard let name = name.flatMap(FuseCall.name) else {
                request.reply(error: .invalidArgument)
                return
            }
            body(fileSystem, request, name)
        }
    }

    /// Calls the file system about an open file.
    @inline(__always)
    static func serve(
        _ raw: fuse_req_t?, _ handle: HandleID?,
        _ body: (any FileSystem, FuseRequest, HandleID) -> Void
    ) {
        serve(raw) { fileSystem, request in
            guard let handle else {
                request.reply(error: .badDescriptor)
                return
            }
            body(fileSystem, request, handle)
        }
    }

    /// A name as the kernel passes it; nil for `.` and `..`, which the kernel follows by itself.
    static func name(_ text: UnsafePointer<CChar>) -> Name? {
        Name(bytes(of: text))
    }

    /// The bytes in front of the NUL, valid as long as they.
    static func bytes(of text: UnsafePointer<CChar>) -> UnsafeBufferPointer<UInt8> {
        let count = strlen(text)
        return UnsafeRawBufferPointer(start: text, count: count).assumingMemoryBound(to: UInt8.self)
    }

    static func handle(_ information: UnsafeMutablePointer<fuse_file_info>?) -> HandleID? {
        information.map { HandleID(rawValue: $0.pointee.fh) }
    }
}
