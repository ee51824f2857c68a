/// One page of changes, in the order in which they count: of several reports of one item the last
/// holds.
package struct RemotePage: Hashable, Sendable {
    package var items: [RemoteItem]
    package var end: End

    package enum End: Hashable, Sendable {
        /// The round goes on at this link, byte for byte.
        case more(String)
        /// The round is complete, and the next one begins at this link, byte for byte.
        case complete(String)
    }

    package init(items: [RemoteItem], end: End) {
        self.items = items
        self.end = end
    }

    /// Nil where there is no list, or neither link: then nothing says whether it is complete.
    init?(_ json: JSONCursor) {
        guard let items = json.items else { return nil }
        if let next = json.link("@odata.nextLink") {
            self.init(items: items, end: .more(next))
        } else if let delta = json.link("@odata.deltaLink") {
            self.init(items: items, end: .complete(delta))
        } else {
            return nil
        }
    }
}

/// One page of the children of a directory.
package struct RemoteListing: Hashable, Sendable {
    package var items: [RemoteItem]
    /// Where the listing goes on, byte for byte; nil on its last page.
    package var next: String?

    package init(items: [RemoteItem], next: String?) {
        self.items = items
        self.next = next
    }

    /// Nil where there is no list.
    init?(_ json: JSONCursor) {
        guard let items = json.items else { return nil }
        self.init(items: items, next: json.link("@odata.nextLink"))
    }
}

extension JSONCursor {
    /// The items of a page; those without an id are left out.
    fileprivate var items: [RemoteItem]? {
        guard let value = self["value"], value.kind == .array else { return nil }
        var reader = RemoteItemReader()
        return value.elements.compactMap { reader.item($0) }
    }

    fileprivate func link(_ name: String) -> String? {
        self[name]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }
}
