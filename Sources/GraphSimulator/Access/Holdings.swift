import Core

/// Bytes that the service holds, wherever they are.
package struct Holding: Sendable {
    /// Where they are.
    package enum Whereabouts: Hashable, Sendable {
        /// In a file that exists.
        case live
        /// An older version of a file, whether that exists or not.
        case version
        /// In a file that was itself deleted.
        case recycled
        /// In a file that went with a folder.
        case recycledWithFolder
    }

    package let id: String
    package let content: Blob
    package let whereabouts: Whereabouts
}

extension GraphService {
    /// All bytes of files that a drive holds, in the order in which the files were made.
    package func holdings(of drive: DriveSelector = .main) -> [Holding] {
        let here = drives[drive.index]
        var result: [Holding] = []
        for number in 2..<max(2, here.nextKey.number) {
            let key = ItemKey(number)
            guard let item = here.item(key), let file = item.file else { continue }
            let id = itemID(key, drive.index)
            let whereabouts: Holding.Whereabouts =
                switch item.presence {
                case .live: here.isReachable(item) ? .live : .recycledWithFolder
                case .recycled, .purged: .recycled
                }
            result.append(Holding(id: id, content: file.content, whereabouts: whereabouts))
            for version in file.versions {
                result.append(Holding(id: id, content: version.content, whereabouts: .version))
            }
        }
        return result
    }

    /// The files in a folder or below it, or the file itself, with their bytes.
    package func files(
        below id: String, of drive: DriveSelector = .main
    ) -> [(id: String, content: Blob)] {
        let here = drives[drive.index]
        guard let top = here.identity.key(ofItemID: id) else { return [] }
        var result: [(id: String, content: Blob)] = []
        var pending = [top]
        while let key = pending.popLast() {
            if let file = here.item(key)?.file {
                result.append((itemID(key, drive.index), file.content))
            }
            pending += here.children(of: key)
        }
        return result
    }
}
