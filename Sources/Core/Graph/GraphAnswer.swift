/// What an answer of the service means, given what it was asked.
package enum GraphAnswer: Hashable, Sendable {
    case drive(DriveInformation)
    case drives([DriveInformation])
    case item(RemoteItem)
    case page(RemotePage)
    case listing(RemoteListing)
    /// The pre-authenticated address of the bytes.
    case location(String)
    case session(UploadSession)
    /// The session goes on at this offset, in bytes.
    case progress(Int64)
    case content(ContentPart)
    /// Bytes that are not those that the item promised: none of them may be stored.
    case otherContent(ContentPart)
    /// It is done, and there is nothing more to tell; the item has to be asked for where it is
    /// needed.
    case done
    case failure(GraphFailure)

    /// Reads an answer.
    ///
    /// - Parameters:
    ///   - call: What was asked.
    ///   - response: What came back. The body of content may have been streamed elsewhere.
    package init(to call: GraphCall, _ response: HTTPResponse) {
        do throws(GraphFailure) {
            self = try Self.success(of: call, response)
        } catch {
            self = .failure(error)
        }
    }

    private static func success(
        of call: GraphCall, _ response: HTTPResponse
    ) throws(GraphFailure) -> GraphAnswer {
        if response.status == 302, call.asksForLocation { return try location(response) }
        guard response.isSuccess else { throw GraphFailure(response, to: call) }
        switch call {
        case .drive:
            return try read(response) { DriveInformation($0).map(GraphAnswer.drive) }
        case .libraries:
            return try read(response) { json in
                json["value"].map { .drives($0.elements.compactMap(DriveInformation.init)) }
            }
        case .rootItem, .item, .checkoutState: return try item(response)
        case .child(_, let name): return try child(named: name, response)
        case .delta: return try read(response) { RemotePage($0).map(GraphAnswer.page) }
        case .children: return try read(response) { RemoteListing($0).map(GraphAnswer.listing) }
        case .createDirectory, .uploadSmall, .change:
            // Some answers have no body (onedrive-go; abraunegg/onedrive#3616).
            return response.body.isEmpty ? .done : try item(response)
        case .createSession:
            return try read(response) { UploadSession($0).map(GraphAnswer.session) }
        case .fragment(_, _, let range, _): return try fragment(range, response)
        case .sessionStatus:
            return try read(response) { UploadSession.nextOffset($0).map(GraphAnswer.progress) }
        case .cancelSession, .delete, .checkOut, .checkIn, .discardCheckout:
            if !response.body.isEmpty, response.isHTML { throw GraphFailure(unreadable: response) }
            return .done
        case .contentLocation, .thumbnailLocation: throw GraphFailure(unreadable: response)
        case .content(_, let range, let promised):
            return try content(range, of: promised, response)
        }
    }

    private static func item(_ response: HTTPResponse) throws(GraphFailure) -> GraphAnswer {
        try read(response) { json in
            var reader = RemoteItemReader()
            return reader.item(json).map(GraphAnswer.item)
        }
    }

    /// Paths are matched without regard to case, and false matches have been seen, so the name of
    /// the answer decides (abraunegg/onedrive testing its answers likewise).
    private static func child(
        named name: String, _ response: HTTPResponse
    ) throws(GraphFailure) -> GraphAnswer {
        let answer = try item(response)
        guard case .item(let item) = answer, let found = item.name else { return answer }
        // In rare answers names are percent-encoded.
        let spellings = [found, PercentEncoding.decode(found) ?? found]
        guard let asked = Name(name),
            spellings.compactMap({ Name($0) }).contains(where: {
                foldsEqual($0, asked)
            })
        else {
            throw GraphFailure(
                kind: .notFound, status: response.status, message: "another item was found")
        }
        return answer
    }

    private static func fragment(
        _ range: Range<Int64>, _ response: HTTPResponse
    ) throws(GraphFailure) -> GraphAnswer {
        if response.body.isEmpty {
            return response.status == 202 ? .progress(range.upperBound) : .done
        }
        guard response.status == 202 else { return try item(response) }
        return try read(response) { json in
            .progress(UploadSession.nextOffset(json) ?? range.upperBound)
        }
    }

    /// The head of an answer decides, before the first byte of it is stored.
    private static func content(
        _ range: Range<Int64>, of promised: PromisedContent, _ response: HTTPResponse
    ) throws(GraphFailure) -> GraphAnswer {
        // The whole file, sent by a service that ignores ranges, holds the range as well.
        guard let part = ContentPart(response), let held = part.range,
            held.lowerBound == 0 && held.upperBound == part.total
                || held.lowerBound == range.lowerBound && held.upperBound <= range.upperBound,
            response.status != 200 || promised.isWebPage || !response.isHTML
        else { throw GraphFailure(unreadable: response) }
        return promised.isKept(by: part) ? .content(part) : .otherContent(part)
    }

    private static func location(_ response: HTTPResponse) throws(GraphFailure) -> GraphAnswer {
        guard let location = response.header("Location"), !location.isEmpty else {
            throw GraphFailure(unreadable: response)
        }
        return .location(location)
    }

    /// Reads the JSON of a success.
    private static func read(
        _ response: HTTPResponse, _ body: (JSONCursor) -> GraphAnswer?
    ) throws(GraphFailure) -> GraphAnswer {
        guard let document = try? JSONDocument(parsing: response.body),
            let answer = body(document.root)
        else { throw GraphFailure(unreadable: response) }
        return answer
    }
}

extension GraphCall {
    /// Whether the answer is an address in place of what lies there.
    fileprivate var asksForLocation: Bool {
        switch self {
        case .contentLocation, .thumbnailLocation: true
        case .drive, .libraries, .rootItem, .delta, .children, .item, .child, .createDirectory,
            .uploadSmall, .createSession, .fragment, .sessionStatus, .cancelSession, .change,
            .delete, .checkoutState, .checkOut, .checkIn, .discardCheckout, .content:
            false
        }
    }
}

extension GraphFailure {
    /// A success that makes no sense: of Graph, or of something in between that answers with a page
    /// of its own.
    fileprivate init(unreadable response: HTTPResponse) {
        self.init(
            kind: response.isHTML ? .notGraph : .unreadable, status: response.status,
            message: response.isHTML
                ? "a web page instead of an answer of Graph" : "an answer that makes no sense")
    }
}

extension HTTPResponse {
    /// Whether the body is a web page, which Graph never sends as an answer.
    var isHTML: Bool {
        if let first = body.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) {
            return first == UInt8(ascii: "<")
        }
        return header("Content-Type")?.lowercased().hasPrefix("text/html") == true
    }
}
