import Core

/// An application as it is registered with the identity platform.
package struct AppRegistration: Hashable, Sendable {
    package var clientID: String
    /// The secret of a confidential client; `nil` for a public client, which must not send one.
    package var clientSecret: String?
    /// Where codes may be sent.
    ///
    /// The port of a loopback address is not compared.
    package var redirectURIs: [String]

    package init(clientID: String, clientSecret: String? = nil, redirectURIs: [String]) {
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.redirectURIs = redirectURIs
    }

    /// A public client with loopback redirects: what a desktop program should be.
    package static let desktop = AppRegistration(
        clientID: "5d0b0a1e-6c1f-4a0a-9f43-1f2d3c4b5a69",
        redirectURIs: [
            "http://localhost", "http://localhost/callback", "http://127.0.0.1",
            "https://login.microsoftonline.com/common/oauth2/nativeclient",
        ])
}

/// What the simulated identity platform knows and how long its grants live.
///
/// Times in seconds.
package struct IdentitySettings: Hashable, Sendable {
    package var applications: [AppRegistration] = [.desktop]
    /// The `Cookie` header value that stands for a signed-in browser; any header that contains it
    /// is accepted.
    ///
    /// `nil`: only the sign-in page signs in.
    package var sessionCookie: String?
    /// When that cookie stops working; `nil` for never.
    package var sessionCookieExpires: Timestamp?
    /// Stands for the browser of another user.
    package var colleagueCookie: String?
    package var accessTokenLife: Int64 = 3_600
    package var refreshTokenLife: Int64 = 90 * 86_400
    package var codeLife: Int64 = 600
    package var deviceCodeLife: Int64 = 900
    package var deviceInterval: Int64 = 5
    /// Whether every refresh brings a new refresh token.
    package var rotatesRefreshTokens = true
    /// Whether a refresh token stops working when it is used.
    ///
    /// The platform keeps the old one alive.
    package var refreshTokensWorkOnce = false
    /// `expires_in` is a string, as some answers have it.
    package var numbersAreStrings = false

    package init() {}
}
