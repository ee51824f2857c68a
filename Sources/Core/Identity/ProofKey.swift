/// The secret that ties a sign-in in the browser to the program that began it (RFC 7636, S256).
package struct ProofKey: Hashable, Sendable {
    /// Sent with the code: 43 characters.
    package let verifier: String

    /// Makes a key of random bytes.
    ///
    /// - Parameter randomBytes: 32 bytes that nobody can guess.
    package init(randomBytes: [UInt8]) {
        verifier = Base64.encode(randomBytes, urlSafe: true)
    }

    /// The text that is sent when the sign-in begins.
    ///
    /// - Parameter digest: The SHA-256 of the verifier's bytes.
    /// - Returns: The digest in the alphabet that URLs allow.
    package static func challenge(digest: [UInt8]) -> String {
        Base64.encode(digest, urlSafe: true)
    }
}
