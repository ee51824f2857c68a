import Foundation

/// The files of the repository's `Fixtures` directory.
enum Fixture {
    static func bytes(_ path: String) throws -> [UInt8] {
        let repository = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try [UInt8](
            Data(contentsOf: repository.appending(path: "Fixtures").appending(path: path)))
    }
}
