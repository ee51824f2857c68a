/// Where a request points within a drive, and what it wants there.
struct ItemAddress {
    /// The item, or the folder that `names` start from.
    var start: ItemKey
    /// Names to follow from `start`; empty when the item is addressed by its id.
    var names: [String] = []
    /// What follows the address, such as `children` or `versions/2.0/content`.
    var relation: [Substring] = []
    /// Whether it was addressed by a path from the root.
    var isFromRoot = false

    /// Reads `root`, `root:/a/b:/…`, `items/{id}`, `items/{id}:/a/b:/…` and
    /// `items/{id}/children/{name}`.
    ///
    /// `nil` if it is none of them.
    init?(_ path: ArraySlice<Substring>, identity: DriveIdentity) throws(GraphFailure) {
        guard var head = path.first else { return nil }
        var rest = path.dropFirst()
        var isByPath = false
        switch head {
        case "root", "root:":
            isByPath = head.utf8.last == UInt8(ascii: ":")
            start = .root
            isFromRoot = isByPath
        case "items":
            guard let id = rest.popFirst() else { return nil }
            head = id
            isByPath = head.utf8.last == UInt8(ascii: ":")
            if isByPath { head = head.dropLast() }
            let text = RequestTarget.percentDecoded(head) ?? String(head)
            if text == "root" {
                start = .root
            } else if let key = identity.key(ofItemID: text) {
                start = key
            } else {
                throw .itemNotFound
            }
        default:
            return nil
        }
        while isByPath, let segment = rest.popFirst() {
            isByPath = segment.utf8.last != UInt8(ascii: ":")
            guard let name = RequestTarget.percentDecoded(isByPath ? segment : segment.dropLast())
            else { throw .invalidRequest("The path is not valid.", inner: "invalidPath") }
            if !name.isEmpty { names.append(name) }
        }
        if rest.count == 2, rest.first == "children", let name = rest.last {
            names.append(RequestTarget.percentDecoded(name) ?? String(name))
            rest = []
        }
        relation = Array(rest)
    }
}
