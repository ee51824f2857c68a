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
        return ChildProcess.start(["xdg-open", url])
    }
}
