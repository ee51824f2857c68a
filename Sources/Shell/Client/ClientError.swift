/// Why the client cannot start or go on: one message that says what, where and what to do.
package struct ClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of remedy it needs; decides the exit status.
    package enum Kind: Hashable, Sendable {
        case configuration
        case alreadyRunning
        case cannotWrite
        case mount
        case signIn
        case unavailable
        case other
    }

    package let kind: Kind
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
