/// Why a sign-in did not succeed.
package enum SignInFailure: Error, Hashable, Sendable {
    /// The identity platform refused.
    case refused(TokenFailure)
    /// The identity platform could not be reached.
    case unreachable(TransportFailure)
    /// The cookie no longer stands for a signed-in browser. The text is what the platform told.
    case cookieExpired(String?)
    /// The answer in the browser belongs to another sign-in, or to none.
    case foreignAnswer
    /// Nobody signed in in time.
    case timedOut
    /// The tokens cannot be renewed: `offline_access` is missing from the scope.
    case noRefreshToken
    /// The redirect address cannot be used for this way of signing in, with the reason.
    case unusableRedirect(String)
    /// An operation of the system failed, with its error number.
    case system(String, errorNumber: Int32)
}
