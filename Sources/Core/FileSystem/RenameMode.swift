/// What becomes of a file that has the new name already, as `renameat2(2)` defines it.
package enum RenameMode: Hashable, Sendable {
    /// It is replaced.
    case replace
    /// `RENAME_NOREPLACE`: it stays, and the call fails with EEXIST.
    case noReplace
    /// `RENAME_EXCHANGE`: it gets the old name. It must be there.
    case exchange
}
