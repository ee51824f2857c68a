import Core

/// The bytes of one version of a file: kept as they were uploaded, or generated where they are read.
///
/// A value that shares its storage, so that a response can carry it and send it without the service.
package struct Blob: Sendable {
    private enum Storage: Sendable {
        case kept(chunks: [[UInt8]], starts: [UInt64], hash: QuickXorHash)
        case generated(GeneratedContent)
    }

    private let storage: Storage
    /// The length in bytes.
    package let count: UInt64

    /// Keeps these bytes.
    package init(_ bytes: [UInt8]) {
        var builder = BlobBuilder()
        builder.append(bytes)
        self = builder.blob()
    }

    /// Makes `count` bytes that depend on `seed`; nothing is stored.
    package init(generatedFrom seed: UInt64, count: UInt64) {
        self.storage = .generated(GeneratedContent(seed: seed, count: count))
        self.count = count
    }

    init(chunks: [[UInt8]], starts: [UInt64], count: UInt64, hash: QuickXorHash) {
        self.storage = .kept(chunks: chunks, starts: starts, hash: hash)
        self.count = count
    }

    /// The quickXorHash of the whole; never walks the bytes.
    package var quickXorHash: QuickXorHash {
        switch storage {
        case .kept(_, _, let hash): hash
        case .generated(let content): content.quickXorHash
        }
    }

    /// Writes the bytes of `range` to the start of `destination`.
    ///
    /// `range` must lie within the blob and fit into `destination`.
    package func write(_ range: Range<UInt64>, into destination: UnsafeMutableRawBufferPointer) {
        let length = Int(range.upperBound - range.lowerBound)
        precondition(range.upperBound <= count && length <= destination.count)
        let target = UnsafeMutableRawBufferPointer(rebasing: destination[..<length])
        switch storage {
        case .generated(let content):
            content.write(from: range.lowerBound, into: target)
        case .kept(let chunks, let starts, _):
            Self.copy(range, of: chunks, starts: starts, into: target)
        }
    }

    /// Returns the bytes of `range`, which must lie within the blob.
    package func bytes(in range: Range<UInt64>) -> [UInt8] {
        let length = Int(range.upperBound - range.lowerBound)
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, initialized in
            write(range, into: UnsafeMutableRawBufferPointer(buffer))
            initialized = length
        }
    }

    /// All bytes; for small contents.
    package var bytes: [UInt8] { bytes(in: 0..<count) }

    private static func copy(
        _ range: Range<UInt64>, of chunks: [[UInt8]], starts: [UInt64],
        into target: UnsafeMutableRawBufferPointer
    ) {
        var index = (starts.firstIndexAfter(range.lowerBound)) - 1
        var position = range.lowerBound
        var written = 0
        while position < range.upperBound {
            let from = Int(position - starts[index])
            let take = min(chunks[index].count - from, target.count - written)
            chunks[index].withUnsafeBytes { source in
                // Both ranges are in bounds by the two lines above.
                UnsafeMutableRawBufferPointer(rebasing: target[written..<(written + take)])
                    .copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: source[from..<(from + take)]))
            }
            written += take
            position += UInt64(take)
            index += 1
        }
    }
}

extension [UInt64] {
    /// Returns the index of the first element greater than `value` in this sorted array.
    fileprivate func firstIndexAfter(_ value: UInt64) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] <= value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Collects the fragments of an upload and hashes them as they come.
struct BlobBuilder: Sendable {
    private var chunks: [[UInt8]] = []
    private var starts: [UInt64] = []
    private(set) var count: UInt64 = 0
    private var hasher = QuickXorHasher()

    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        // A file that repeats itself takes no more than one fragment, however large it is.
        let last = chunks.last ?? []
        chunks.append(last == bytes ? last : bytes)
        starts.append(count)
        count += UInt64(bytes.count)
        bytes.withUnsafeBytes { hasher.update($0) }
    }

    func blob() -> Blob {
        Blob(chunks: chunks, starts: starts, count: count, hash: hasher.finish())
    }
}
