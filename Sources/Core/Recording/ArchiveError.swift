/// Why a file is no recording that can be replayed, where, and what to do.
package struct ArchiveError: Error, Hashable, Sendable {
    /// Which entry is meant, counted from one; nil for the file as a whole.
    package var entry: Int?
    /// What the entry asks, as far as it can be read.
    package var request: String?
    package var problem: Problem

    package enum Problem: Hashable, Sendable {
        case notJSON(JSONError)
        case tooLong(limit: Int)
        case noLog
        case tooManyEntries(limit: Int)
        case missing(String)
        case wrongForm(String)
        case invalidBase64
    }

    package init(entry: Int? = nil, request: String? = nil, _ problem: Problem) {
        self.entry = entry
        self.request = request
        self.problem = problem
    }
}

extension ArchiveError: CustomStringConvertible {
    package var description: String {
        let place = entry.map { "entry \($0)" + (request.map { " (\($0))" } ?? "") + ": " } ?? ""
        return place + problem.description
    }
}

extension ArchiveError.Problem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notJSON(let error):
            "\(error); a HAR file is one JSON object: save the recording again, whole"
        case .tooLong(let limit):
            "longer than \(limit >> 20) MiB; record a shorter time, or take entries out"
        case .noLog:
            "this is no HAR file: it has no 'log' with 'entries'; export the traffic as HAR 1.2"
        case .tooManyEntries(let limit):
            "more than \(limit) entries; record a shorter time, or take entries out"
        case .missing(let member): "'\(member)' is missing; take the entry out or record again"
        case .wrongForm(let member):
            "'\(member)' is not of the form that HAR 1.2 gives it; take the entry out or record "
                + "again"
        case .invalidBase64:
            "the body is not the base64 that 'encoding' says it is; record again"
        }
    }
}
