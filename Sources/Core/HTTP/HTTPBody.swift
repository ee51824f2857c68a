/// What a request sends after its header fields.
package enum HTTPBody: Hashable, Sendable {
    /// No body. A `PUT` or `POST` still states `Content-Length: 0`, which Graph demands.
    case none
    /// Bytes held in memory: JSON, forms, small files.
    case bytes([UInt8])
    /// A range of a local content file, which the shell streams from the disk.
    case content(GenerationSource)

    /// The length in bytes that the request announces.
    package var count: Int64 {
        switch self {
        case .none: 0
        case .bytes(let bytes): Int64(bytes.count)
        case .content(let source): source.count
        }
    }
}

/// A range of the bytes of one frozen generation of a file.
package struct GenerationSource: Hashable, Sendable {
    /// The generation whose bytes are sent, which does not change while the transfer runs.
    package var generation: UInt64
    /// The first byte of the range, counted from the start of the content.
    package var offset: Int64
    /// The length of the range in bytes.
    package var count: Int64

    package init(generation: UInt64, offset: Int64, count: Int64) {
        self.generation = generation
        self.offset = offset
        self.count = count
    }
}
