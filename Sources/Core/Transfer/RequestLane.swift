/// The line in which a request waits: by who answers it, and by what it does there.
enum RequestLane: Int, CaseIterable, Hashable, Sendable {
    /// What Graph answers.
    case graph
    /// Opens an upload session at Graph, which brings requests of the lane `upload` with it.
    case opening
    /// Belongs to an upload session that is open, at a host of content.
    case upload
    /// Bytes from a host of content.
    case download

    /// Who answers requests.
    enum Host: Int, CaseIterable, Hashable, Sendable {
        case graph
        /// The hosts of pre-authenticated addresses, which answer for no tenant's share of Graph.
        case content
    }

    var host: Host {
        switch self {
        case .graph, .opening: .graph
        case .upload, .download: .content
        }
    }

    /// The lanes of requests that a host answers.
    static func all(of host: Host) -> [RequestLane] { allCases.filter { $0.host == host } }
}

extension GraphCall {
    /// The line in which the call waits.
    var lane: RequestLane {
        switch self {
        case .createSession: .opening
        case .fragment, .sessionStatus, .cancelSession: .upload
        case .content: .download
        case .drive, .libraries, .rootItem, .delta, .children, .item, .child, .createDirectory,
            .uploadSmall, .change, .delete, .checkoutState, .checkOut, .checkIn, .discardCheckout,
            .contentLocation, .thumbnailLocation:
            .graph
        }
    }
}
