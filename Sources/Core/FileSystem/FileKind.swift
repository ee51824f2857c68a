/// The kinds of files that a mount shows.
package enum FileKind: UInt8, Hashable, Sendable {
    case regular = 1
    case directory = 2
    case symlink = 3
}
