/// The check of PNG chunks: CRC-32 of ISO 3309 (PNG specification, third edition, annex D).
enum CyclicRedundancyCheck {
    /// The remainders of all bytes, for the polynomial 0xEDB88320 (bits in reverse).
    private static let remainders: [UInt32] = (0..<256 as Range<UInt32>).map { byte in
        var rest = byte
        for _ in 0..<8 { rest = rest & 1 == 0 ? rest >> 1 : rest >> 1 ^ 0xEDB8_8320 }
        return rest
    }

    static func value(of bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { $0 >> 8 ^ remainders[Int(($0 ^ UInt32($1)) & 0xFF)] }
    }
}
