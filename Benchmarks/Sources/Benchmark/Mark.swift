/// One thing to measure, or several on the same stage, with the numbers that are to be reached.
struct Mark: Sendable {
    let ids: [String]
    let title: String
    /// Measures on an empty stage and adds what was found.
    let measure: @Sendable (Stage, inout Report) throws -> Void

    static let all: [Mark] = [
        enumeration, millionItems, firstListing, walk, names, smallFiles, sequentialRead,
        randomRead, sequentialWrite, locks, download, line, firstByte, upload, manyFiles,
        remoteChange,
        coreWork, program,
    ]
}
