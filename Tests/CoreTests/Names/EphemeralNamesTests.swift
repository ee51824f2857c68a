import Core
import Testing

@Suite struct EphemeralNamesTests {
    @Test(
        arguments: [
            "~$cument.docx", "~$Book.xlsx", ".~lock.report.odt#", ".notes.txt.swp",
            ".notes.txt.swo",
            ".a.swk", ".a.swx", ".a.swpx", "..bashrc.swp", ".goutputstream-A1b2C3", "~WRL0001.tmp",
            "~WRD4711.tmp", ".fuse_hidden0000000100000002", ".nfs00000000004e20d000000001",
        ] as [Name])
    func areEphemeral(name: Name) {
        #expect(EphemeralNames.isEphemeral(name))
    }

    @Test(
        "A file that a person may have named so is never kept back",
        arguments: [
            "report.docx", "4913", "~", "~$", "~a", "a~", "a.tmp", "A1B2C3D4.tmp", "notes.swp",
            ".swp", ".a.swf", ".a.swz",
            ".a.swift", ".swap", "..swp", ".~lock.a", ".~lock.", ".~lock.#", ".goutputstream",
            ".goutputstream-", ".goutputstream-A1b2C",
            ".goutputstream-A1b2C3.txt", ".goutputstream-A1b2C-", "~WRL001.tmp", "~WRL00001.tmp",
            "~WRL0001.docx",
            "~WRl0001.tmp", "~WRLabcd.tmp", ".fuse_hidden", ".fuse_hidden01",
            ".fuse_hidden000000010000000g", ".nfs",
            ".nfs0001", ".nfs00000000004e20d00000000g", ".directory", ".lock", "#a#", ".#a",
            "Thumbs.db", ".DS_Store",
            "desktop.ini", "~archive.zip",
        ] as [Name])
    func areKept(name: Name) {
        #expect(!EphemeralNames.isEphemeral(name))
    }

    @Test(
        arguments: [
            ("report.odt", [".~lock.report.odt#", "~$report.odt"]),
            ("Book1.xlsx", [".~lock.Book1.xlsx#", "~$Book1.xlsx"]),
            ("sixsix.docx", [".~lock.sixsix.docx#", "~$sixsix.docx"]),
            ("sevense.docx", [".~lock.sevense.docx#", "~$sevense.docx", "~$evense.docx"]),
            ("Document.DOCX", [".~lock.Document.DOCX#", "~$Document.DOCX", "~$cument.DOCX"]),
            ("Übersicht.rtf", [".~lock.Übersicht.rtf#", "~$Übersicht.rtf", "~$ersicht.rtf"]),
            ("noextension", [".~lock.noextension#", "~$noextension"]),
        ] as [(Name, [Name])])
    func namesLockFiles(document: Name, locks: [Name]) {
        #expect(EphemeralNames.lockNames(for: document) == locks)
        for lock in locks { #expect(EphemeralNames.isEphemeral(lock)) }
    }

    @Test func namesLockFilesOfBytes() throws {
        let document = try #require(Name([0xFF, 0x2E, 0x64, 0x6F, 0x63]))
        let names = EphemeralNames.lockNames(for: document)
        #expect(
            names.map { Array($0.bytes.suffix(6)) } == [
                [0xFF, 0x2E, 0x64, 0x6F, 0x63, 0x23], [0x24, 0xFF, 0x2E, 0x64, 0x6F, 0x63],
            ])
    }
}
