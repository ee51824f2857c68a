import Foundation

/// The files of the repository's `Fixtures` directory.
enum Fixture {
    static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func bytes(_ path: String) throws -> [UInt8] {
        try [UInt8](
            Data(contentsOf: repository.appending(path: "Fixtures").appending(path: path)))
    }
}
