import Glibc

/// Bytes that tell which version of which file they are, so that a part of it, or a mixture of two,
/// is not taken for one.
struct WholeVersion: Hashable, Sendable {
    let file: Int
    let version: Int
    /// In bytes.
    let count: Int

    private static let recordSize = 64

    /// A version whose size follows from its number: small, large, and at times as large as the one
    /// before.
    init(file: Int, version: Int) {
        self.file = file
        self.version = version
        count = [100, 4_096, 70_001, 70_001, 200_003, 64][version % 6]
    }

    /// What a file holds, if that is one version, whole.
    init?(_ bytes: [UInt8]) {
        let words = String(decoding: bytes.prefix(Self.recordSize), as: UTF8.self)
            .split(separator: " ")
        guard words.count > 2, let file = Int(words[0]), let version = Int(words[1]) else {
            return nil
        }
        self.init(file: file, version: version)
        let expected = self.bytes
        guard expected.count == bytes.count, memcmp(bytes, expected, bytes.count) == 0 else {
            return nil
        }
    }

    /// A first record with bits that no other version has, since quickXorHash does not see how often
    /// the same record follows another; then the same record again and again.
    var bytes: [UInt8] {
        var bits = UInt64(version) &* 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ bits >> 31) &* 0xBF58_476D_1CE4_E5B9
        var bytes = record(String(bits, radix: 16))
        let other = record("of \(count) bytes")
        while bytes.count < count { bytes += other }
        return Array(bytes[..<count])
    }

    private func record(_ text: String) -> [UInt8] {
        let text = Array("\(file) \(version) \(text) ".utf8)
        return text + Array(repeating: UInt8(ascii: "."), count: Self.recordSize - text.count)
    }
}
