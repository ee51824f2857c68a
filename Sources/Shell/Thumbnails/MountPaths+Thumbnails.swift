import Core
import Glibc

/// What thumbnails need to know of the mount: how programs name its files, and what is here of them.
extension MountPaths {
    /// The absolute path by which programs reach a file: as the user spelled it where that leads
    /// there, since it may do so by links, and else below the mount directory.
    package func spelled(_ path: String) -> String {
        let full = path.hasPrefix("/") ? path : Self.workingDirectory + "/" + path
        let absolute = Self.canonical(full)
        let below = Self.canonical(root + inside(path))
        guard let one = try? SystemCalls.status(at: AT_FDCWD, absolute),
            let other = try? SystemCalls.status(at: AT_FDCWD, below),
            one.device == other.device, one.inode == other.inode
        else { return below }
        return absolute
    }

    /// The names in a folder, sorted; nil if the path is that of something else.
    package func names(_ path: String) throws(MountFailure) -> [String]? {
        do throws(SystemCallFailure) {
            guard try SystemCalls.status(at: AT_FDCWD, root + path).isDirectory else { return nil }
            return try SystemCalls.names(at: AT_FDCWD, root + path).sorted()
        } catch {
            throw MountFailure("\(path): \(error)")
        }
    }

    /// What a mount of ours says of a file; nil for any other file.
    static func state(of path: String) -> NodeState? {
        let value = try? SystemCalls.attribute(of: path, "user.onedrive.state", longest: 64)
        return value.flatMap { NodeState(rawValue: String(decoding: $0, as: UTF8.self)) }
    }

    /// An absolute path without `.`, `..` and needless slashes, by its spelling.
    private static func canonical(_ path: String) -> String {
        ConfigurationEnvironment(homeDirectory: "/", workingDirectory: "/", dataDirectory: "/")
            .absolute(path)
    }
}
