/// Who makes a call of the file system.
package struct CallerIdentity: Hashable, Sendable {
    /// The user id by which the kernel checks access to files.
    package var user: UInt32
    /// The group id by which the kernel checks access to files.
    package var group: UInt32
    /// The thread that calls; 0 if it is in another PID namespace, or is the kernel itself.
    package var process: Int32

    package init(user: UInt32, group: UInt32, process: Int32) {
        self.user = user
        self.group = group
        self.process = process
    }
}
