import Testing

@testable import Core

@Suite struct PNGFileTests {
    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    /// Type and data of `IHDR` of one grey pixel, with the check that zlib gives it.
    private static let header: [UInt8] =
        [0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]
        + [0x3A, 0x7E, 0x9B, 0x55]
    private static let end: [UInt8] = [0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]
    private static let smallest = signature + header + end

    @Test(
        "checks are those of zlib",
        arguments: [("", 0), ("IEND", 0xAE42_6082), ("123456789", 0xCBF4_3926)]
            as [(String, UInt32)])
    func check(text: String, value: UInt32) {
        #expect(CyclicRedundancyCheck.value(of: text.utf8) == value)
    }

    @Test("a note goes behind the header, and the rest stays as it was")
    func adding() throws {
        var file = try #require(PNGFile(Self.smallest))
        #expect(file.bytes == Self.smallest && file.notes.isEmpty)
        file.setNote("Software", "x")
        let note: [UInt8] = [0, 0, 0, 10] + Array("tEXtSoftware\u{0}x".utf8)
        let expected = Self.signature + Self.header + note + [0x4A, 0x8D, 0xBF, 0xCE] + Self.end
        #expect(file.bytes == expected)
        #expect(PNGFile(file.bytes) == file)
    }

    @Test("a note replaces those with the same keyword")
    func replacing() throws {
        var file = try #require(PNGFile(Self.smallest))
        file.setNote("Thumb::MTime", "1")
        file.setNote("Thumb::URI", "file:///a")
        file.setNote("Thumb::MTime", "2")
        let read = try #require(PNGFile(file.bytes))
        #expect(read.notes == ["Thumb::MTime": "2", "Thumb::URI": "file:///a"])
    }

    @Test("what is no whole PNG file is none")
    func damaged() {
        for count in 0..<Self.smallest.count {
            #expect(PNGFile(Array(Self.smallest.prefix(count))) == nil)
            var bytes = Self.smallest
            bytes[count] ^= 0x10
            #expect(PNGFile(bytes) == nil, "byte \(count)")
        }
        #expect(PNGFile(Self.smallest + [0]) == nil)
        #expect(PNGFile(Self.signature + Self.end) == nil)
        #expect(PNGFile(Self.signature + Self.header) == nil)
    }
}
