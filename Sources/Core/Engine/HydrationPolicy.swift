/// Programs that look into every file, such as thumbnailers and indexers: they read what is here,
/// and never make the rest come.
package struct HydrationPolicy: Hashable, Sendable {
    /// The kernel cuts names of processes off after so many bytes (proc_pid_comm(5)).
    private static let nameLength = 15

    private let names: Set<String>

    package init(refusing names: [String] = []) {
        self.names = Set(names.map(Self.cut))
    }

    /// Whether a process of that name may make bytes come.
    package func permits(_ process: String?) -> Bool {
        guard let process else { return true }
        return !names.contains(Self.cut(process))
    }

    private static func cut(_ name: String) -> String {
        String(decoding: name.utf8.prefix(nameLength), as: UTF8.self)
    }

    /// The programs that desktops bring along.
    package static let usual = [
        "baloo_file", "baloo_file_extractor", "clamd", "clamscan", "evince-thumbnailer",
        "ffmpegthumbnailer", "gdk-pixbuf-thumbnailer", "gnome-thumbnail-font", "localsearch-3",
        "localsearch-extractor-3", "mlocate", "plocate", "recollindex", "thumbnail.so",
        "totem-video-thumbnailer", "tracker-extract-3", "tracker-miner-fs-3", "tumblerd",
        "updatedb", "updatedb.mlocate", "updatedb.plocate",
    ]
}
