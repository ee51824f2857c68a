/// One thing to measure, with the number that is to be reached.
struct Mark: Sendable {
    let id: String
    let title: String
    /// Measures on an empty stage and adds what was found.
    let measure: @Sendable (Stage, inout Report) throws -> Void

    static let all: [Mark] = [
        firstListing, walk, names, smallFiles, sequentialRead,
    ]
}
