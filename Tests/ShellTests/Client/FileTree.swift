import Core
import Glibc
import GraphSimulator
import Shell

/// A tree of files with their bytes, as two sides are compared by it.
struct FileTree {
    enum Entry: Hashable {
        case folder
        case file([UInt8])
        case link(String)
    }

    private(set) var entries: [String: Entry] = [:]

    /// The tree below a directory on a disk or a mount.
    init(below path: String) throws {
        try add(path, prefix: "")
    }

    /// The tree of a simulated drive.
    init(of service: GraphService) {
        for entry in service.tree() {
            entries[entry.path] =
                entry.kind == .file ? .file(service.content(entry.path)?.bytes ?? []) : .folder
        }
    }

    private mutating func add(_ directory: String, prefix: String) throws {
        for name in try SystemCalls.names(at: AT_FDCWD, directory) {
            let path = "\(directory)/\(name)"
            switch try Calls.stat(path).st_mode & S_IFMT {
            case S_IFDIR:
                entries[prefix + name] = .folder
                try add(path, prefix: prefix + name + "/")
            case S_IFLNK: entries[prefix + name] = .link(try Calls.linkTarget(path))
            default: entries[prefix + name] = .file(try Calls.read(path))
            }
        }
    }

    /// Leaves out the paths for which that is true, with all that lies below.
    mutating func leaveOut(_ isLeftOut: (String) -> Bool) {
        let roots = entries.keys.filter(isLeftOut)
        entries = entries.filter { path, _ in
            !roots.contains { path == $0 || path.hasPrefix($0 + "/") }
        }
    }

    /// What differs, a line for each path, sorted; empty if nothing does.
    func differences(from other: FileTree) -> [String] {
        Set(entries.keys).union(other.entries.keys).sorted().compactMap { path in
            let (own, others) = (entries[path], other.entries[path])
            return own == others
                ? nil : "\(path): \(Self.text(own)) but \(Self.text(others))"
        }
    }

    private static func text(_ entry: Entry?) -> String {
        switch entry {
        case nil: "nothing"
        case .folder: "a folder"
        case .link(let target): "a link to \(target)"
        case .file(let bytes):
            "\(bytes.count) bytes (\(String(decoding: bytes.prefix(40), as: UTF8.self)))"
        }
    }
}

extension Calls {
    static func linkTarget(_ path: String) throws(PosixError) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = try check(readlink(path, &buffer, buffer.count))
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
