/// What `fallocate(2)` does to a range of a file.
package enum AllocationMode: Hashable, Sendable {
    /// Make sure that writing there finds space. Unless `keepsSize`, a file that ends before the end
    /// of the range grows to it.
    case reserve(keepsSize: Bool)
    /// Give the space back; the range reads as zeros, and the size stays.
    case punchHole
    /// Make the range read as zeros. Unless `keepsSize`, the file grows to the end of the range.
    case zero(keepsSize: Bool)
}
