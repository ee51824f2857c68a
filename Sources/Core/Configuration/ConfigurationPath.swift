/// What the meaning of a path in the configuration depends on.
package struct ConfigurationEnvironment: Hashable, Sendable {
    /// The user's home, an absolute path.
    package var homeDirectory: String
    /// Where the program was started, an absolute path.
    ///
    /// Relative paths count from here, as they do for the path of the configuration file itself.
    package var workingDirectory: String
    /// Where programs keep what must not be lost: `$XDG_DATA_HOME` or `~/.local/share`.
    package var dataDirectory: String

    package init(homeDirectory: String, workingDirectory: String, dataDirectory: String) {
        self.homeDirectory = homeDirectory
        self.workingDirectory = workingDirectory
        self.dataDirectory = dataDirectory
    }

    /// Makes a path absolute: `~` is the home, `.` and `..` are resolved by their spelling.
    ///
    /// - Parameter path: A path as the user wrote it, not empty.
    /// - Returns: The absolute path, without a slash at the end unless it is the root.
    package func absolute(_ path: String) -> String {
        var full = path
        if path == "~" || path.hasPrefix("~/") {
            full = homeDirectory + path.dropFirst()
        } else if !path.hasPrefix("/") {
            full = workingDirectory + "/" + path
        }
        var parts: [Substring] = []
        for part in full.split(separator: "/") {
            switch part {
            case ".": break
            case "..": _ = parts.popLast()
            default: parts.append(part)
            }
        }
        return "/" + parts.joined(separator: "/")
    }
}

/// Relations of absolute paths that are spelled without `.` and `..`.
enum AbsolutePath {
    /// Tells whether a path is the folder or lies inside it, by their bytes.
    static func isInside(_ path: String, folder: String) -> Bool {
        let parts = path.utf8.split(separator: 0x2F)
        let outer = folder.utf8.split(separator: 0x2F)
        return parts.count >= outer.count
            && zip(parts, outer).allSatisfy { $0.elementsEqual($1) }
    }
}
