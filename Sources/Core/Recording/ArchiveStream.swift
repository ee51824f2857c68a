/// A HAR file that is written while it grows: one entry a line.
package enum ArchiveStream {
    package static let head = Array(
        #"{"log":{"version":"1.2","creator":{"name":"onedrive","version":"1"},"entries":["#.utf8)
    package static let tail = Array("\n]}}\n".utf8)

    package static func entry(_ entry: JSONValue, isFirst: Bool) -> [UInt8] {
        Array((isFirst ? "\n" : ",\n").utf8) + entry.serialized()
    }
}
