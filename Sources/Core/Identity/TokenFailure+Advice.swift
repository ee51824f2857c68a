extension TokenFailure: CustomStringConvertible {
    /// What happened and what the user can do about it.
    package var description: String {
        guard let advice = number.flatMap(Self.advice) ?? generalAdvice else { return told }
        return told.isEmpty ? advice : "\(advice) (\(told))"
    }

    /// The same where nothing works before somebody signs in again.
    package var askingForSignIn: String {
        let text = description
        return text.contains("'onedrive login'") ? text : text + "; then run 'onedrive login'"
    }

    /// The platform's code and words.
    private var told: String {
        if detail.isEmpty { return code }
        return number == nil && !code.isEmpty ? "\(code): \(detail)" : detail
    }

    private var generalAdvice: String? {
        switch kind {
        case .signInNeeded: "the sign-in is no longer valid: run 'onedrive login'"
        case .configuration: "the identity platform refuses this application"
        case .temporary: "the identity platform cannot answer now"
        case .pending, .slowDown: "the code has not been entered yet"
        case .declined: "the sign-in was declined"
        case .expired: "the code was not entered in time: run 'onedrive login' again"
        }
    }

    /// What the most frequent numbers mean (Microsoft Entra authentication error codes).
    private static func advice(_ number: Int) -> String? {
        switch number {
        case 50011, 70004:
            "redirect_uri is not registered for this application: add it under Authentication of "
                + "the app registration, or correct redirect_uri"
        case 50020: "this account does not belong to the tenant: correct 'tenant' or the account"
        case 50034: "there is no such user in this tenant"
        case 50053: "the account is locked for the moment"
        case 50055: "the password has expired: change it in a browser, then run 'onedrive login'"
        case 50057: "the account is disabled"
        case 50058: "nobody is signed in: the cookie has expired or holds no session"
        case 50074, 50076, 50079, 50158:
            "a second factor is needed: run 'onedrive login' in a browser"
        case 50105: "an administrator must assign this application to the user"
        case 50132, 50133, 50173:
            "the sign-in was revoked, as after a change of password: run 'onedrive login'"
        case 50194:
            "this application belongs to one tenant only: set 'tenant' to its id or domain"
        case 53000...53003, 530035: "a policy of the organisation does not allow this sign-in"
        case 65001, 65004:
            "the application has no consent: run 'onedrive login' in a browser and agree"
        case 90094: "an administrator must consent to the application's permissions"
        case 70001, 700011, 700016: "client_id names no application of this tenant"
        case 70008, 700082: "the sign-in has expired by not being used: run 'onedrive login'"
        case 70011: "'scope' asks for a permission that does not exist"
        case 70019: "the code was not entered in time: run 'onedrive login' again"
        case 70043: "the organisation asks for a new sign-in: run 'onedrive login'"
        case 700025:
            "this application is a public client: remove client_secret from the configuration"
        case 7_000_215: "client_secret is wrong: use the value of the secret, not its id"
        case 7_000_218:
            "this application is no public client: set client_secret, or allow public client flows"
        case 7_000_222: "client_secret has expired: create a new one"
        case 90002: "'tenant' names no tenant"
        case 90038: "this account lives in another cloud: correct 'cloud'"
        case 9_002_332: "this application serves no personal accounts: correct 'tenant'"
        default: nil
        }
    }
}
