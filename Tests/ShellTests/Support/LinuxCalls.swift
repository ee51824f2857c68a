import Core
import Glibc

/// Calls of Linux that Swift's Glibc module leaves out, found in the C library itself.
enum LinuxCalls {
    private typealias Pipe = @convention(c) (UnsafeMutablePointer<Int32>, Int32) -> Int32
    private typealias Rename =
        @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32
    private typealias Allocate = @convention(c) (Int32, Int32, Int, Int) -> Int32
    private typealias Copy =
        @convention(c) (
            Int32, UnsafeMutablePointer<Int>?, Int32, UnsafeMutablePointer<Int>?, Int, UInt32
        ) -> Int

    /// Both ends of a pipe, which children do not inherit.
    static func pipe() throws(PosixError) -> (input: Int32, output: Int32) {
        var ends: [Int32] = [0, 0]
        let call = unsafeBitCast(try find("pipe2"), to: Pipe.self)
        _ = try Calls.check(Int(call(&ends, O_CLOEXEC)))
        return (ends[0], ends[1])
    }

    /// renameat2(2).
    static func rename(_ source: String, _ target: String, flags: UInt32) throws(PosixError) {
        let call = unsafeBitCast(try find("renameat2"), to: Rename.self)
        _ = try Calls.check(Int(call(AT_FDCWD, source, AT_FDCWD, target, flags)))
    }

    /// fallocate(2).
    static func allocate(
        _ descriptor: Int32, mode: Int32, _ offset: Int, _ count: Int
    ) throws(PosixError) {
        let call = unsafeBitCast(try find("fallocate"), to: Allocate.self)
        _ = try Calls.check(Int(call(descriptor, mode, offset, count)))
    }

    /// copy_file_range(2); returns how many bytes were copied.
    static func copy(
        _ source: Int32, _ offset: Int, _ target: Int32, _ into: Int, _ count: Int
    ) throws(PosixError) -> Int {
        var (offset, into) = (offset, into)
        let call = unsafeBitCast(try find("copy_file_range"), to: Copy.self)
        return try Calls.check(call(source, &offset, target, &into, count, 0))
    }

    /// Has a program that is started close all descriptors from this one on.
    static func close(
        from descriptor: Int32, in actions: inout posix_spawn_file_actions_t
    ) throws(PosixError) {
        typealias Function =
            @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        let call = unsafeBitCast(
            try find("posix_spawn_file_actions_addclosefrom_np"), to: Function.self)
        _ = call(&actions, descriptor)
    }

    /// Starts a program in that directory.
    static func change(
        to directory: String, in actions: inout posix_spawn_file_actions_t
    ) throws(PosixError) {
        typealias Function =
            @convention(c) (
                UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>
            ) -> Int32
        let call = unsafeBitCast(
            try find("posix_spawn_file_actions_addchdir_np"), to: Function.self)
        _ = call(&actions, directory)
    }

    private static func find(_ name: String) throws(PosixError) -> UnsafeMutableRawPointer {
        guard let function = dlsym(nil, name) else { throw .notImplemented }
        return function
    }
}
