import Glibc
import Testing

/// The calls of xattr(7), which Swift's Glibc module leaves out.
struct ExtendedAttributeCalls {
    typealias Path = UnsafePointer<CChar>
    typealias Setxattr = @convention(c) (Path, Path, UnsafeRawPointer?, Int, Int32) -> Int32
    typealias Getxattr = @convention(c) (Path, Path, UnsafeMutableRawPointer?, Int) -> Int
    typealias Listxattr = @convention(c) (Path, UnsafeMutablePointer<CChar>?, Int) -> Int
    typealias Removexattr = @convention(c) (Path, Path) -> Int32

    let setxattr: Setxattr
    let getxattr: Getxattr
    let listxattr: Listxattr
    let removexattr: Removexattr

    init() throws {
        setxattr = unsafeBitCast(try Self.find("setxattr"), to: Setxattr.self)
        getxattr = unsafeBitCast(try Self.find("getxattr"), to: Getxattr.self)
        listxattr = unsafeBitCast(try Self.find("listxattr"), to: Listxattr.self)
        removexattr = unsafeBitCast(try Self.find("removexattr"), to: Removexattr.self)
    }

    private static func find(_ name: String) throws -> UnsafeMutableRawPointer {
        try #require(dlsym(nil, name))
    }
}
