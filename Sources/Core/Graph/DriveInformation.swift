/// A drive as the service describes it.
package struct DriveInformation: Hashable, Sendable {
    package var id: DriveID
    /// Nil for kinds that did not exist when this was written.
    package var kind: DriveKind?
    package var name: String?
    /// Who owns it, for display.
    package var owner: String?
    package var quota: Quota?
    package var webURL: String?

    package init(
        id: DriveID, kind: DriveKind? = nil, name: String? = nil, owner: String? = nil,
        quota: Quota? = nil, webURL: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.owner = owner
        self.quota = quota
        self.webURL = webURL
    }

    /// Nil where there is no id.
    init?(_ json: JSONCursor) {
        guard let id = json["id"]?.string, !id.isEmpty else { return nil }
        let owner = json["owner"]
        let user = owner?["user"]?["displayName"]?.string
        self.init(
            id: DriveID(normalizing: id),
            kind: json["driveType"]?.string.flatMap(DriveKind.init(rawValue:)),
            name: json["name"]?.string,
            owner: user ?? owner?["group"]?["displayName"]?.string,
            quota: json["quota"].flatMap(Quota.init),
            webURL: json["webUrl"]?.string)
    }
}

/// The back ends behave differently in many ways.
///
/// The raw values are those of `driveType`.
package enum DriveKind: String, Hashable, Sendable, CaseIterable {
    case personal
    /// OneDrive for work or school.
    case business
    /// A library of a SharePoint site.
    case documentLibrary
}

/// The space of a drive.
///
/// What is nil is unknown, and unknown is never full.
package struct Quota: Hashable, Sendable {
    /// In bytes.
    package var total: Int64?
    /// In bytes.
    package var used: Int64?
    /// In bytes.
    package var remaining: Int64?

    package init(total: Int64? = nil, used: Int64? = nil, remaining: Int64? = nil) {
        self.total = total
        self.used = used
        self.remaining = remaining
    }

    /// Nil where the service says nothing that means anything.
    ///
    /// Some Business drives report a total of 0 or a negative rest, and numbers come as strings at
    /// times (onedrive-api-docs#1245). What is missing is computed from the others.
    init?(_ json: JSONCursor) {
        func bytes(_ name: String) -> Int64? {
            json[name]?.integerLenient.flatMap { $0 >= 0 ? $0 : nil }
        }
        guard let total = bytes("total"), total > 0 else { return nil }
        let used = bytes("used")
        let remaining = bytes("remaining")
        func rest(_ part: Int64) -> Int64? { part <= total ? total - part : nil }
        self.init(
            total: total, used: used ?? remaining.flatMap(rest),
            remaining: remaining ?? used.flatMap(rest))
    }
}
