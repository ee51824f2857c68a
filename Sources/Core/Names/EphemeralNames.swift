/// Names of lock files and of files that programs make for a moment: these stay on this device.
///
/// Only names are listed that a person would never give: a real file that stayed here unnoticed
/// would be worse than a temporary one that went up. So `4913`, with which vim tests a directory, or
/// the eight hexadecimal digits of Excel are missing: such files are gone before anything is uploaded.
package enum EphemeralNames {
    package static func isEphemeral(_ name: Name) -> Bool {
        name.withBytes { bytes in
            // All of them begin with a dot or a tilde.
            switch bytes.first {
            case UInt8(ascii: "."):
                isLibreOfficeLock(bytes) || isVimSwap(bytes) || isOutputStream(bytes)
                    || isHiddenByFuse(bytes) || isHiddenByNFS(bytes)
            case UInt8(ascii: "~"):
                isOfficeLock(bytes) || isWordTemporary(bytes)
            default:
                false
            }
        }
    }

    /// The names under which programs put a lock file beside a document they have open.
    ///
    /// - LibreOffice: `.~lock.NAME#`.
    /// - Microsoft Office: `~$NAME`; Word puts `~$` in the place of the first character if seven stand
    ///   before the extension, and of the first two if there are more.
    package static func lockNames(for document: Name) -> [Name] {
        let bytes = document.bytes
        let office = Array("~$".utf8)
        var names = [Array(".~lock.".utf8) + bytes + Array("#".utf8), office + bytes]
        if let text = document.utf8String, let dot = text.lastIndex(of: "."),
            wordExtensions.contains(text[text.index(after: dot)...].lowercased())
        {
            let length = text[..<dot].utf16.count
            let replaced = length < 7 ? 0 : length == 7 ? 1 : 2
            if replaced > 0 { names.append(office + Array(text.dropFirst(replaced).utf8)) }
        }
        return names.compactMap { Name($0) }
    }

    private static let wordExtensions: Set = ["doc", "docx", "docm", "dot", "dotx", "dotm", "rtf"]

    /// OneDrive takes no name that begins so.
    private static func isOfficeLock(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.count > 2 && bytes[1] == UInt8(ascii: "$")
    }

    private static func isLibreOfficeLock(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.count > 8 && bytes.starts(with: ".~lock.".utf8) && bytes.last == UInt8(ascii: "#")
    }

    /// Of vim: `.NAME.swp`, counted down to `.swk` while others are taken, and the two with which it
    /// tests whether a file system knows long names.
    private static func isVimSwap(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")), dot > 1 else { return false }
        let suffix = bytes[(dot + 1)...]
        guard suffix.starts(with: "sw".utf8) else { return false }
        switch suffix.count {
        case 3: return suffix.last.map { (0x6B...0x70).contains($0) || $0 == 0x78 } == true
        case 4: return suffix.elementsEqual("swpx".utf8)
        default: return false
        }
    }

    /// Of GLib, while it replaces a file: `.goutputstream-` and six random letters and digits.
    private static func isOutputStream(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let prefix = ".goutputstream-".utf8
        return bytes.starts(with: prefix) && bytes.count == prefix.count + 6
            && bytes.dropFirst(prefix.count).allSatisfy(isLetterOrDigit)
    }

    /// Of Word: `~WRL0001.tmp`, `~WRD0001.tmp` and the like.
    private static func isWordTemporary(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.count == 12 && bytes.starts(with: "~WR".utf8)
            && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(bytes[3])
            && bytes[4..<8].allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            && bytes[8...].elementsEqual(".tmp".utf8)
    }

    /// Of libfuse, for a deleted file that is open: `.fuse_hidden` and 16 hexadecimal digits or more.
    private static func isHiddenByFuse(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let prefix = ".fuse_hidden".utf8
        return bytes.starts(with: prefix) && bytes.count >= prefix.count + 16
            && bytes.dropFirst(prefix.count).allSatisfy { Hexadecimal.value(of: $0) != nil }
    }

    /// Of the NFS client, for the same: `.nfs` and 24 hexadecimal digits.
    private static func isHiddenByNFS(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.count == 28 && bytes.starts(with: ".nfs".utf8)
            && bytes.dropFirst(4).allSatisfy { Hexadecimal.value(of: $0) != nil }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
