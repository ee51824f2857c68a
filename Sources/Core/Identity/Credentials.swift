/// What a sign-in brought, and what is kept of it on the disk.
package struct Credentials: Hashable, Sendable {
    /// The application that signed in; tokens are of no use to another.
    package var clientID: String
    package var refreshToken: String
    package var accessToken: String
    /// When the access token stops working.
    package var accessTokenExpires: Timestamp
    /// The permissions that were granted, separated by blanks.
    package var scope: String
    /// The drive that this account has mounted, once it is known.
    ///
    /// Another account's drive must never be mistaken for it: all its files would look deleted.
    package var driveID: String?

    package init(
        clientID: String, refreshToken: String, accessToken: String,
        accessTokenExpires: Timestamp, scope: String, driveID: String? = nil
    ) {
        self.clientID = clientID
        self.refreshToken = refreshToken
        self.accessToken = accessToken
        self.accessTokenExpires = accessTokenExpires
        self.scope = scope
        self.driveID = driveID
    }

    /// How long before its end an access token is renewed, in seconds: transfers that begin now
    /// should not run into it.
    package static let renewalMargin: Int64 = 300

    /// True if the access token should be renewed before it is used.
    package func needRenewal(at now: Timestamp) -> Bool {
        accessTokenExpires.wholeSeconds - now.wholeSeconds < Self.renewalMargin
    }

    /// Returns these credentials with what a refresh brought.
    ///
    /// Without a new refresh token the old one stays.
    package func renewed(by grant: TokenGrant) -> Credentials {
        var renewed = self
        renewed.accessToken = grant.accessToken
        renewed.accessTokenExpires = grant.expires
        renewed.refreshToken = grant.refreshToken ?? refreshToken
        if !grant.scope.isEmpty { renewed.scope = grant.scope }
        return renewed
    }
}

extension Credentials {
    /// The version of the file's form.
    private static let version: Int64 = 1

    /// The content of the file that keeps them.
    package var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init(name: "version", value: .integer(Self.version)),
            .init(name: "client_id", value: .string(clientID)),
            .init(name: "refresh_token", value: .string(refreshToken)),
            .init(name: "access_token", value: .string(accessToken)),
            .init(name: "access_token_expires", value: .string(accessTokenExpires.rfc3339)),
            .init(name: "scope", value: .string(scope)),
        ]
        if let driveID { members.append(.init(name: "drive_id", value: .string(driveID))) }
        return .object(members)
    }

    /// Reads the content of the file, or returns nil if it is not that of this version.
    package init?(json: JSONValue) {
        guard json["version"]?.integer == Self.version,
            let clientID = json["client_id"]?.string,
            let refreshToken = json["refresh_token"]?.string, !refreshToken.isEmpty
        else { return nil }
        self.init(
            clientID: clientID, refreshToken: refreshToken,
            accessToken: json["access_token"]?.string ?? "",
            // An unreadable time only means that the token is renewed first.
            accessTokenExpires: json["access_token_expires"]?.string
                .flatMap { Timestamp(rfc3339: $0) } ?? .epoch,
            scope: json["scope"]?.string ?? "", driveID: json["drive_id"]?.string)
    }
}
