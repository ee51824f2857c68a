/// The good answer of the token endpoint.
package struct TokenGrant: Hashable, Sendable {
    package var accessToken: String
    /// Absent when the old refresh token stays in use.
    package var refreshToken: String?
    /// When the access token stops working.
    package var expires: Timestamp
    /// The permissions that were granted, separated by blanks.
    package var scope: String

    /// The life of an access token whose answer does not tell it, in seconds.
    private static let assumedLife: Int64 = 3600
    /// The longest life that is believed, in seconds: 28 hours is the most the platform gives.
    private static let longestLife: Int64 = 100_800

    /// Reads an answer of the token endpoint.
    ///
    /// - Parameters:
    ///   - response: Whatever came back.
    ///   - now: When it came.
    /// - Throws: Why there are no tokens, and what to do.
    package init(_ response: HTTPResponse, now: Timestamp) throws(TokenFailure) {
        guard let body = try? JSONValue(parsing: response.body) else {
            throw TokenFailure(unreadable: response)
        }
        guard response.isSuccess, let token = body["access_token"]?.string, !token.isEmpty else {
            throw TokenFailure(response, body)
        }
        accessToken = token
        refreshToken = body["refresh_token"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let told = body["expires_in"]?.integerLenient ?? Self.assumedLife
        let life = min(max(told, 0), Self.longestLife)
        expires = Timestamp(seconds: now.wholeSeconds + life)
        scope = body["scope"]?.string ?? ""
    }

    /// Makes the credentials of a first sign-in.
    ///
    /// - Parameter clientID: The application that signed in.
    /// - Returns: The credentials, or nil without a refresh token: such a sign-in would last an hour.
    package func credentials(clientID: String) -> Credentials? {
        refreshToken.map { refreshToken in
            Credentials(
                clientID: clientID, refreshToken: refreshToken, accessToken: accessToken,
                accessTokenExpires: expires, scope: scope)
        }
    }
}
