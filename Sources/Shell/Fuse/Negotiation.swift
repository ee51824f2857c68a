import CFuse3
import Glibc
import Synchronization

/// What a mount and the kernel agreed on in their first exchange, INIT.
///
/// libfuse decides most of it; what it cannot say is added to its answer on the way to the kernel.
final class Negotiation: Sendable {
    private let wantsPassthrough: Bool
    /// False once the answer is out: from then on messages pass untouched.
    private let isUnderWay = Atomic(true)
    /// Which request the answer will belong to.
    private let unique = Atomic<UInt64>(0)
    private let offeredFlags = Atomic<UInt64>(0)
    private let offeredMinor = Atomic<UInt32>(0)
    private let passthrough = Atomic(false)

    init(wantsPassthrough: Bool) {
        self.wantsPassthrough = wantsPassthrough && Self.mayUsePassthrough
    }

    /// Whether the kernel reads and writes content files by itself where it is told so.
    var hasPassthrough: Bool { passthrough.load(ordering: .acquiring) }

    /// Whether the kernel can be told to look up all names again: version 7.44 of the protocol.
    var hasEpochs: Bool { offeredMinor.load(ordering: .acquiring) >= 44 }

    /// Looks at bytes that came from the kernel.
    func noteReceived(_ bytes: UnsafeRawBufferPointer) {
        guard isUnderWay.load(ordering: .acquiring) else { return }
        var offer = fuse_shim_offer()
        guard fuse_shim_read_init(bytes.baseAddress, bytes.count, &offer) else { return }
        offeredFlags.store(offer.flags, ordering: .relaxed)
        offeredMinor.store(offer.minor, ordering: .releasing)
        unique.store(offer.unique, ordering: .releasing)
    }

    /// Sends a message to the kernel.
    func send(_ device: Int32, _ parts: UnsafeMutablePointer<iovec>?, _ count: Int32) -> Int {
        guard isUnderWay.load(ordering: .acquiring) else { return writev(device, parts, count) }
        var error: Int32 = 0
        let answered = fuse_shim_reply_unique(parts, count, &error)
        guard answered != 0, answered == unique.load(ordering: .acquiring), error == 0 else {
            return writev(device, parts, count)
        }
        let added = flagsToAdd(offeredFlags.load(ordering: .relaxed))
        // Other requests can come before this call returns.
        passthrough.store(added & fuse_shim_passthrough != 0, ordering: .releasing)
        isUnderWay.store(false, ordering: .releasing)
        return fuse_shim_send_init(device, parts, count, added)
    }

    private func flagsToAdd(_ offered: UInt64) -> UInt64 {
        // With the second the kernel asks for `security.capability` once for each file, and not before
        // each write; set-user-id bits are then cleared on this side.
        var flags = offered & (fuse_shim_parallel_dirops | fuse_shim_handle_killpriv_v2)
        if wantsPassthrough, offered & fuse_shim_init_ext != 0 {
            flags |= offered & fuse_shim_passthrough
        }
        return flags
    }

    /// Whether this process has CAP_SYS_ADMIN, without which the kernel takes no backing files.
    private static var mayUsePassthrough: Bool {
        let systemAdministration: UInt64 = 1 << 21
        guard let status = SystemText.read("/proc/self/status"),
            let line = status.split(separator: UInt8(ascii: "\n")).first(where: {
                $0.starts(with: "CapEff:".utf8)
            })
        else { return false }
        let digits = String(decoding: line.dropFirst(7), as: UTF8.self).filter(\.isHexDigit)
        return UInt64(digits, radix: 16).map { $0 & systemAdministration != 0 } ?? false
    }
}
