/// The escape sequences of JSON strings.
enum JSONEscapes {
    /// Resolves the escapes of a string whose form has been checked.
    ///
    /// A surrogate that is not one half of a pair becomes U+FFFD.
    static func decode(_ text: UnsafeBufferPointer<UInt8>) -> String {
        String(unsafeUninitializedCapacity: text.count) { output in
            var count = 0
            func append(_ byte: UInt8) {
                output[count] = byte
                count += 1
            }
            var index = 0
            while index < text.count {
                guard text[index] == UInt8(ascii: "\\") else {
                    append(text[index])
                    index += 1
                    continue
                }
                if text[index + 1] == UInt8(ascii: "u") {
                    let (scalar, length) = scalar(text, at: index)
                    // Three bytes at most from six, four from twelve: the output has room.
                    for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                        append(byte)
                    }
                    index += length
                } else {
                    append(character(text[index + 1]))
                    index += 2
                }
            }
            return count
        }
    }

    /// The scalar of one or two `\uXXXX`, and how many bytes these take.
    private static func scalar(
        _ text: UnsafeBufferPointer<UInt8>, at index: Int
    ) -> (Unicode.Scalar, length: Int) {
        let first = codeUnit(text, at: index)
        if let scalar = Unicode.Scalar(first) { return (scalar, 6) }
        if UTF16.isLeadSurrogate(first), index + 12 <= text.count,
            text[index + 6] == UInt8(ascii: "\\"), text[index + 7] == UInt8(ascii: "u")
        {
            let second = codeUnit(text, at: index + 6)
            if UTF16.isTrailSurrogate(second) {
                let value = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
                if let scalar = Unicode.Scalar(value) { return (scalar, 12) }
            }
        }
        return ("\u{FFFD}", 6)
    }

    private static func codeUnit(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> UInt16 {
        text[(index + 2)..<(index + 6)].reduce(0) {
            $0 << 4 | UInt16(Hexadecimal.value(of: $1) ?? 0)
        }
    }

    private static func character(_ escape: UInt8) -> UInt8 {
        switch escape {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "r"): 0x0D
        // A quotation mark, a backslash and a slash stand for themselves.
        default: escape
        }
    }
}
