/// What the identity platform tells through the redirect of the browser.
package enum AuthorizationReply {
    /// Reads the parameters of a redirect.
    ///
    /// - Parameters:
    ///   - query: What stands behind the question mark, percent-encoded.
    ///   - state: The text that this sign-in began with. An answer with another one is somebody
    ///     else's attempt to slip a code in.
    /// - Returns: The code to trade for tokens, or why there is none.
    package static func code(
        query: some StringProtocol, state: String
    ) -> Result<String, SignInFailure> {
        guard let fields = PercentEncoding.decodeForm(query) else {
            return .failure(.foreignAnswer)
        }
        func value(_ name: String) -> String? { fields.first { $0.name == name }?.value }
        guard value("state") == state else { return .failure(.foreignAnswer) }
        if let error = value("error") {
            return .failure(
                .refused(
                    TokenFailure(code: error, description: value("error_description") ?? "")))
        }
        guard let code = value("code"), !code.isEmpty else { return .failure(.foreignAnswer) }
        return .success(code)
    }
}
