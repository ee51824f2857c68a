import Glibc

/// A listening or connected socket on this machine, closed with its owner.
struct LoopbackSocket: ~Copyable {
    let descriptor: Int32

    /// The two forms of this machine's address.
    enum Family {
        case v4, v6
    }

    init(owning descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Listens on a port of the loopback address, 0 for any that is free.
    static func listening(
        _ family: Family, port: UInt16
    ) throws(SystemFailure) -> LoopbackSocket {
        let kind =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            | Int32(SOCK_NONBLOCK.rawValue)
        let socket = LoopbackSocket(
            owning: Glibc.socket(family == .v4 ? AF_INET : AF_INET6, kind, 0))
        guard socket.descriptor >= 0 else { throw SystemFailure("socket") }
        var yes: Int32 = 1
        // A port that waits for late packets of the last sign-in may be used again.
        setsockopt(
            socket.descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let status =
            switch family {
            case .v4: bindV4(socket.descriptor, port)
            case .v6: bindV6(socket.descriptor, port)
            }
        guard status == 0 else { throw SystemFailure("bind") }
        guard listen(socket.descriptor, 16) == 0 else { throw SystemFailure("listen") }
        return socket
    }

    private static func bindV4(_ descriptor: Int32, _ port: UInt16) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func bindV6(_ descriptor: Int32, _ port: UInt16) -> Int32 {
        var yes: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes,
            socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        address.sin6_addr = in6addr_loopback
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }

    /// The port of a listening IPv4 socket.
    borrowing func port() throws(SystemFailure) -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length)
            }
        }
        guard status == 0 else { throw SystemFailure("getsockname") }
        return UInt16(bigEndian: address.sin_port)
    }

    /// Sends a short text without waiting for room, and ends the sending half.
    borrowing func sendAndFinish(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes {
            send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        shutdown(descriptor, Int32(SHUT_WR))
    }
}

/// A system call that failed.
struct SystemFailure: Error {
    let operation: String
    let errorNumber: Int32

    /// Takes the number of the error that was just reported.
    init(_ operation: String) {
        self.operation = operation
        errorNumber = errno
    }
}
