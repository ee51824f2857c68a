extension SignInFailure: CustomStringConvertible {
    /// What happened and what the user can do about it.
    package var description: String {
        switch self {
        case .refused(let failure): "\(failure)"
        case .unreachable(let failure): "the identity platform does not answer: \(failure)"
        case .cookieExpired(let detail):
            "the cookie has expired: sign in with the browser again and copy its new cookie into "
                + "the configuration, or remove 'cookie' and run 'onedrive login'"
                + (detail.map { $0.isEmpty ? "" : " (\($0))" } ?? "")
        case .foreignAnswer:
            "the answer in the browser does not belong to this sign-in: run 'onedrive login' again"
        case .timedOut: "nobody signed in in time: run 'onedrive login' again"
        case .noRefreshToken:
            "the identity platform gave no refresh token: add 'offline_access' to 'scope'"
        case .unusableRedirect(let reason): "redirect_uri cannot be used: \(reason)"
        case .system(let operation, let errorNumber): "\(operation) failed (errno \(errorNumber))"
        }
    }
}
