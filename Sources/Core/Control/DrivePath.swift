/// A path of the drive as a user writes it: below the mount, from the root of the drive, or from the
/// directory in which the command was given.
package enum DrivePath {
    /// The names from the root of the drive; nil for what no path of the drive looks like.
    ///
    /// A relative path counts from the working directory where that lies in the mount, and from the
    /// root of the drive elsewhere.
    package static func names(
        _ argument: String, mountDirectory: String, workingDirectory: String
    ) -> [Name]? {
        let mount = components(mountDirectory)
        var path = components(argument)
        if argument.hasPrefix("/") {
            if path.starts(with: mount) { path.removeFirst(mount.count) }
        } else {
            let working = components(workingDirectory)
            if working.starts(with: mount) { path = working.dropFirst(mount.count) + path }
        }
        var names: [Name] = []
        for component in path {
            switch component {
            case ".": continue
            case "..":
                guard names.popLast() != nil else { return nil }
            default:
                guard let name = Name(String(component)) else { return nil }
                names.append(name)
            }
        }
        return names
    }

    private static func components(_ path: String) -> [Substring] { path.split(separator: "/") }
}
