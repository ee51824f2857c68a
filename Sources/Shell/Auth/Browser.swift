import Glibc

/// The user's browser.
package enum Browser {
    /// Asks the desktop to open an address, if there is one.
    ///
    /// - Parameters:
    ///   - url: The address.
    ///   - variables: The environment variables of this process.
    /// - Returns: False if there is no desktop or it knows no browser.
    package static func open(_ url: String, variables: [String: String]) -> Bool {
        let displays = [variables["DISPLAY"], variables["WAYLAND_DISPLAY"]]
        guard displays.contains(where: { $0?.isEmpty == false }) else { return false }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in 0...2 as ClosedRange<Int32> {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        var process: pid_t = 0
        let status = withArguments(["xdg-open", url]) { arguments in
            posix_spawnp(&process, "xdg-open", &actions, nil, arguments, environ)
        }
        guard status == 0 else { return false }
        let child = process
        // Waits for the process elsewhere: some browsers keep it until they are closed.
        _ = try? JoinableThread(name: "xdg-open") {
            var status: Int32 = 0
            while waitpid(child, &status, 0) < 0, errno == EINTR {}
        }
        return true
    }

    /// Lends an array of C strings that ends with a null pointer.
    private static func withArguments<Value>(
        _ arguments: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
    ) -> Value {
        let pointers = arguments.map { strdup($0) }
        defer { pointers.forEach { free($0) } }
        return body(pointers + [nil])
    }
}
