extension SystemDirectory {
    /// Where the client of a system directory listens, without looking at the directory.
    package static func controlSocketPath(in directory: String) -> String {
        directory + "/" + Entry.socket.rawValue
    }
}
