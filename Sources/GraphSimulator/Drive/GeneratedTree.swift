import Core

/// A folder with many folders with many files, computed from their numbers when they are looked at.
///
/// Numbers: the top folder, then each folder followed by its files. An item that is changed is
/// copied out into the drive's own table, which is asked first.
struct GeneratedTree: Sendable {
    /// The number of the top folder.
    let first: ItemKey
    /// The folder that holds the top folder.
    let parent: ItemKey
    let name: String
    let folders: Int
    let filesPerFolder: Int
    /// Length of every file in bytes.
    let fileSize: UInt64
    let time: Timestamp

    /// How many items there are, the top folder included.
    var count: Int { 1 + folders * numbersPerFolder }

    private var numbersPerFolder: Int { 1 + filesPerFolder }
    /// The most folders, and files in a folder, that the digits of the names can tell apart.
    static let countMax = 1_000_000
    private static let folderPrefix = "Folder "
    private static let filePrefix = "File "
    private static let fileSuffix = ".bin"
    private static let folderDigits = 6
    private static let fileDigits = 6

    /// What a number of this tree stands for.
    private enum Place {
        case top
        case folder(Int)
        case file(Int, of: Int)
    }

    func contains(_ key: ItemKey) -> Bool {
        key >= first && key.number < first.number + UInt64(count)
    }

    /// Returns the item of that number, which must be in this tree.
    func item(_ key: ItemKey) -> Item {
        switch place(of: key) {
        case .top:
            var item = Item(parent: parent, name: name, kind: .folder, now: time)
            item.size = UInt64(folders * filesPerFolder) * fileSize
            return item
        case .folder(let index):
            var item = Item(parent: first, name: folderName(index), kind: .folder, now: time)
            item.size = UInt64(filesPerFolder) * fileSize
            return item
        case .file(let index, let folder):
            let content = Blob(generatedFrom: key.number, count: fileSize)
            return Item(
                parent: folderKey(folder), name: fileName(index),
                kind: .file(FileState(content: content)), now: time)
        }
    }

    /// Returns how many children an item has.
    func childCount(of key: ItemKey) -> Int {
        switch place(of: key) {
        case .top: folders
        case .folder: filesPerFolder
        case .file: 0
        }
    }

    /// Returns a child by its place in the order of names.
    func child(of key: ItemKey, at index: Int) -> ItemKey {
        switch place(of: key) {
        case .top: folderKey(index)
        case .folder, .file: ItemKey(key.number + 1 + UInt64(index))
        }
    }

    /// Returns the child whose name folds to the same as `name`.
    func child(of key: ItemKey, named name: String) -> ItemKey? {
        switch place(of: key) {
        case .top:
            number(in: name, prefix: Self.folderPrefix, suffix: "", digits: Self.folderDigits)
                .flatMap { $0 < folders ? folderKey($0) : nil }
        case .folder:
            number(
                in: name, prefix: Self.filePrefix, suffix: Self.fileSuffix, digits: Self.fileDigits
            )
            .flatMap { $0 < filesPerFolder ? child(of: key, at: $0) : nil }
        case .file:
            nil
        }
    }

    private func place(of key: ItemKey) -> Place {
        let offset = Int(key.number - first.number)
        guard offset > 0 else { return .top }
        let (folder, inFolder) = (offset - 1).quotientAndRemainder(dividingBy: numbersPerFolder)
        return inFolder == 0 ? .folder(folder) : .file(inFolder - 1, of: folder)
    }

    private func folderKey(_ index: Int) -> ItemKey {
        ItemKey(first.number + 1 + UInt64(index * numbersPerFolder))
    }

    private func folderName(_ index: Int) -> String {
        Self.folderPrefix + Self.padded(index, Self.folderDigits)
    }

    private func fileName(_ index: Int) -> String {
        Self.filePrefix + Self.padded(index, Self.fileDigits) + Self.fileSuffix
    }

    private func number(in name: String, prefix: String, suffix: String, digits: Int) -> Int? {
        let bytes = Array(name.utf8)
        guard bytes.count == prefix.utf8.count + digits + suffix.utf8.count,
            Self.matches(bytes.prefix(prefix.utf8.count), prefix),
            Self.matches(bytes.suffix(suffix.utf8.count), suffix)
        else { return nil }
        return Int(
            String(decoding: bytes[prefix.utf8.count..<(prefix.utf8.count + digits)], as: UTF8.self)
        )
    }

    private static func matches(_ bytes: ArraySlice<UInt8>, _ text: String) -> Bool {
        zip(bytes, text.utf8).allSatisfy { ($0 | 0x20) == ($1 | 0x20) }
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        String(unsafeUninitializedCapacity: max(digits, 20)) { buffer in
            // From the last digit to the first; the buffer holds any Int.
            var rest = number
            for place in (0..<digits).reversed() {
                buffer[place] = 0x30 + UInt8(rest % 10)
                rest /= 10
            }
            return digits
        }
    }
}
