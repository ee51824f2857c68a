extension Pseudonyms {
    /// Members whose value grants access.
    private static let secrets: Set<String> = [
        "access_token", "refresh_token", "id_token", "client_secret", "client_assertion", "code",
        "code_verifier", "device_code", "user_code", "assertion", "password", "cookie", "claims",
        "client_info", "message",
    ]
    /// Members that tell of people, and of places by which people are found.
    private static let identities: Set<String> = [
        "createdBy", "lastModifiedBy", "owner", "sharedBy", "grantedTo", "grantedToV2",
        "grantedToIdentities", "grantedToIdentitiesV2", "invitation", "user", "group", "siteUser",
        "sharepointIds", "publication",
    ]
    private static let names: Set<String> = [
        "displayName", "givenName", "surname", "userPrincipalName", "mail", "email", "mailNickname",
        "preferred_username", "loginName", "description", "mobilePhone", "officeLocation",
        "jobTitle", "siteId", "tenantId",
    ]
    private static let tags: Set<String> = ["eTag", "cTag", "@odata.etag"]

    /// A body of Graph or of the sign-in.
    package mutating func json(_ value: JSONValue) -> JSONValue {
        // An error tells of itself in a message, under the name that elsewhere is a secret.
        json(value, named: "", isIdentity: false)
    }

    private mutating func json(
        _ value: JSONValue, named name: String, isIdentity: Bool
    ) -> JSONValue {
        switch value {
        case .null, .boolean, .integer, .number: return value
        case .array(let values):
            return .array(values.map { json($0, named: name, isIdentity: isIdentity) })
        case .object(let members):
            let isError = name.lowercased() == "error" || name.lowercased() == "innererror"
            return .object(
                members.map { member in
                    let isInside = isIdentity || Self.identities.contains(member.name)
                    var result = member
                    result.value =
                        isError
                        ? error(member)
                        : json(member.value, named: member.name, isIdentity: isInside)
                    return result
                })
        case .string(let text): return .string(string(text, named: name, isIdentity: isIdentity))
        }
    }

    /// The code of an error is what the client goes by; the rest is for people.
    private mutating func error(_ member: JSONValue.Member) -> JSONValue {
        switch (member.name, member.value) {
        case ("code", .string(let text)), ("message", .string(let text)):
            .string(self.text(text))
        case (_, .string(let text)): .string(self.text(text))
        case (_, let value): json(value, named: member.name, isIdentity: false)
        }
    }

    private mutating func string(_ text: String, named name: String, isIdentity: Bool) -> String {
        if name.hasPrefix("@odata.type") { return text }
        if Self.tags.contains(name) { return tag(text) }
        if text.hasPrefix("https://") || text.hasPrefix("http://") { return url(text) }
        if Self.secrets.contains(name) { return self.name(.secret, text) }
        let changed = self.text(text)
        guard isIdentity || Self.names.contains(name), changed == text else { return changed }
        return self.name(name == "id" ? .identity : .value, text)
    }
}
