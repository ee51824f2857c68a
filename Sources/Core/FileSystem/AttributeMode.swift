/// How `setxattr(2)` sets an extended attribute.
package enum AttributeMode: Hashable, Sendable {
    /// Whether it is there or not.
    case any
    /// `XATTR_CREATE`: it must not be there.
    case create
    /// `XATTR_REPLACE`: it must be there.
    case replace
}
