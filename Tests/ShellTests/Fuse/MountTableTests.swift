import Shell
import Testing

@Suite struct MountTableTests {
    @Test("lines with and without optional fields, and escaped paths")
    func parsing() {
        let text = #"""
            21 1 0:20 / /proc rw,nosuid - proc proc rw
            36 35 0:41 / /home/u/One\040Drive\134x rw,noatime shared:7 master:1 - fuse.onedrive OneDrive rw,user_id=0
            broken line
            37 36 8:1 / /home/u/One\040Drive\134x rw - ext4 /dev/sda1 rw
            """#
        let table = MountTable(Array(text.utf8))
        #expect(table.mounts.map(\.type) == ["proc", "fuse.onedrive", "ext4"])
        #expect(table.mounts.map(\.deviceMinor) == [20, 41, 1])
        let top = table.top(at: #"/home/u/One Drive\x"#)
        #expect(top?.type == "ext4")
        #expect(table.top(at: "/nowhere") == nil)
    }
}
