import Dispatch
import Glibc

/// Hears from the kernel that addresses or routes of this machine change (rtnetlink(7)): a network
/// that comes back need not be found by trying.
package struct NetworkWatch: Sendable {
    // Only ever cancelled, which any thread may do.
    nonisolated(unsafe) private let source: any DispatchSourceRead

    /// `struct sockaddr_nl` of netlink(7), which Swift's Glibc does not have.
    private struct Address {
        var family = UInt16(AF_NETLINK)
        var padding: UInt16 = 0
        var port: UInt32 = 0
        var groups: UInt32
    }

    // The groups of rtnetlink(7) by their bits in the address (linux/rtnetlink.h).
    private static let links: UInt32 = 0x1
    private static let addresses: UInt32 = 0x10 | 0x100
    private static let routes: UInt32 = 0x40 | 0x400

    /// Begins to listen; nil where the kernel does not tell, as in some sandboxes.
    ///
    /// - Parameter changed: Called on a queue of its own, once for changes that come together.
    package init?(_ changed: @escaping @Sendable () -> Void) {
        let kind = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_NETLINK, kind, 0)
        guard descriptor >= 0 else { return nil }
        var address = Address(groups: Self.links | Self.addresses | Self.routes)
        let length = socklen_t(MemoryLayout<Address>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length)
            }
        }
        guard result == 0 else {
            close(descriptor)
            return nil
        }
        let queue = DispatchQueue(label: "onedrive.network")
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler {
            // What the messages say does not matter; that some were lost (ENOBUFS) is one, too.
            var buffer = [UInt8](repeating: 0, count: 8192)
            var goesOn = true
            while goesOn {
                goesOn = recv(descriptor, &buffer, buffer.count, 0) > 0 || errno == ENOBUFS
            }
            changed()
        }
        source.setCancelHandler { close(descriptor) }
        source.resume()
    }

    package func stop() { source.cancel() }
}
