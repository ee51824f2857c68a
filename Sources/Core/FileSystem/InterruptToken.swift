/// What a file system is told when a program gives up waiting for a call.
///
/// The file system chooses the number when it starts to wait.
package struct InterruptToken: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }
}
