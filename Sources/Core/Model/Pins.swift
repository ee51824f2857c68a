/// What a user decided about the bytes of a file, or of all that is inside a directory.
package enum Pin: UInt8, Hashable, Sendable {
    /// They are kept on this device.
    case kept = 1
    /// They come when they are read, although the directory is kept.
    case onDemand = 2
}

/// The pins that were set, each of which holds for everything inside as well, up to the next one.
package struct Pins: Sendable {
    private var marks: [NodeID: Pin]

    package init(_ marks: [NodeID: Pin] = [:]) { self.marks = marks }

    package var isEmpty: Bool { marks.isEmpty }

    package subscript(id: NodeID) -> Pin? {
        get { marks[id] }
        set { marks[id] = newValue }
    }

    /// The nodes with a pin of this kind, in the order of their ids.
    package func all(_ pin: Pin) -> [NodeID] {
        marks.filter { $0.value == pin }.keys.sorted()
    }

    /// Whether a node is kept: what was said of it, or of the nearest directory above.
    package func keeps(_ id: NodeID, in tree: Tree) -> Bool {
        guard !marks.isEmpty else { return false }
        var current = id
        while true {
            if let mark = marks[current] { return mark == .kept }
            guard current != .root, let parent = tree.local(current)?.place.parent else {
                return false
            }
            current = parent
        }
    }
}
