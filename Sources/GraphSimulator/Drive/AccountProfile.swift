/// Which of the services behind Graph an account lives on.
package enum AccountProfile: String, Hashable, Sendable, CaseIterable {
    /// OneDrive for work or school, and SharePoint libraries beside it.
    case business
    /// Consumer OneDrive after its move to the SharePoint back end.
    case personal
    /// Consumer OneDrive before that move: decimal item ids, tags without quotes, milliseconds.
    case personalLegacy

    /// Whether this is one of the two consumer services.
    var isPersonal: Bool {
        switch self {
        case .business: false
        case .personal, .personalLegacy: true
        }
    }
}

/// What a drive is: the `driveType` of Graph.
package enum DriveKind: String, Hashable, Sendable {
    case business
    case personal
    case documentLibrary
}
