/// What `lseek(2)` looks for, at or behind an offset.
package enum SeekTarget: Hashable, Sendable {
    /// `SEEK_DATA`
    case data
    /// `SEEK_HOLE`; the end of the file is one.
    case hole
}
