import Core

/// What a request is for, told from its method and path.
package enum Operation: String, Hashable, Sendable, CaseIterable {
    case identity, user, drive, site, item, children, delta, content, download
    case thumbnail
    case upload, createSession, fragment, sessionStatus, sessionCancel, sessionCommit
    case createFolder, update, delete, permanentDelete, restore, copy, monitor
    case checkout, checkin, discardCheckout, versions, batch, control, other

    init(method: String, target: RequestTarget) {
        let segments = target.segments
        switch segments.first {
        case "v1.0", "beta": self = Self.graph(method, segments)
        case "download": self = .download
        case "thumbnail": self = .thumbnail
        case "monitor": self = .monitor
        case "simulator": self = .control
        case "upload":
            switch method {
            case "PUT": self = .fragment
            case "GET": self = .sessionStatus
            case "DELETE": self = .sessionCancel
            default: self = .sessionCommit
            }
        default: self = segments.dropFirst().first == "oauth2" ? .identity : .other
        }
    }

    private static func graph(_ method: String, _ segments: [Substring]) -> Operation {
        let last = segments.last ?? ""
        if last == "$batch" { return .batch }
        if segments.contains("versions") { return .versions }
        if method == "GET", segments.dropLast(3).last == "thumbnails" { return .thumbnail }
        if DeltaToken.argument(of: last) != nil { return .delta }
        switch (method, last) {
        case (_, "delta"): return .delta
        case ("GET", "children"): return .children
        case ("POST", "children"): return .createFolder
        case ("GET", "content"): return .content
        case ("PUT", "content"): return .upload
        case (_, "createUploadSession"): return .createSession
        case (_, "copy"): return .copy
        case (_, "checkout"): return .checkout
        case (_, "checkin"): return .checkin
        case (_, "discardCheckout"): return .discardCheckout
        case (_, "permanentDelete"): return .permanentDelete
        case (_, "restore"): return .restore
        case ("PATCH", _): return .update
        case ("DELETE", _): return .delete
        default: break
        }
        if segments.contains(where: { $0 == "items" || $0 == "root" || $0 == "root:" }) {
            return .item
        }
        switch segments.dropFirst().first {
        case "sites": return last.hasPrefix("drive") ? .drive : .site
        case "me" where segments.count == 2: return .user
        case "me", "drives": return .drive
        default: return .other
        }
    }
}

/// One request that was answered, or dropped.
package struct RequestRecord: Sendable {
    package let operation: Operation
    package let method: String
    package let target: String
    /// The status sent; `nil` if the connection was dropped instead.
    package let status: Int?
    package let time: Timestamp
    package let bytesReceived: UInt64
    package let bytesSent: UInt64
    package let headers: [HTTPHeader]
}

/// The last requests, and counts of all.
package struct RequestLog: Sendable {
    /// The newest requests, oldest first; bounded.
    package private(set) var records: [RequestRecord] = []
    /// How many requests of each kind there were since the log was cleared.
    package private(set) var counts: [Operation: Int] = [:]

    /// How many records are kept; half of them are dropped at once when there are more.
    private static let recordsMax = 20_000

    mutating func append(_ record: RequestRecord) {
        if records.count >= Self.recordsMax { records.removeFirst(Self.recordsMax / 2) }
        records.append(record)
        counts[record.operation, default: 0] += 1
    }

    /// Returns how many requests of that kind there were.
    package func count(_ operation: Operation) -> Int {
        counts[operation] ?? 0
    }

    /// How many requests there were since the log was cleared.
    package var total: Int { counts.values.reduce(0, +) }

    /// Forgets everything.
    package mutating func clear() {
        self = RequestLog()
    }
}
