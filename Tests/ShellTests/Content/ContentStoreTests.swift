import GraphSimulator
import Core
import Foundation
import Shell
import Testing

extension ContentFile {
    func write(_ bytes: [UInt8], at offset: Int64) throws {
        try bytes.withUnsafeBytes { try write($0, at: offset) }
    }

    func read(_ range: Range<Int64>) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: Int(range.upperBound - range.lowerBound))
        let count = try bytes.withUnsafeMutableBytes { try read(into: $0, at: range.lowerBound) }
        return Array(bytes.prefix(count))
    }
}

private func id(_ number: UInt64) -> GenerationID { GenerationID(rawValue: number) }

@Suite("Content files")
struct ContentStoreTests {
    @Test("a new file is a hole of its size, for the user alone")
    func create() throws {
        let directory = try TemporaryDirectory()
        let store = try ContentStore(directory: directory.system())
        let file = try store.create(id(1), size: 1 << 30)
        #expect(try file.size() == 1 << 30)
        #expect(try file.allocatedSize() == 0)
        #expect(try file.nextData(from: 0) == nil)
        #expect(try file.read(100..<110) == Array(repeating: 0, count: 10))
        #expect(try directory.permissions(of: "content/0/000/0000000000000001") == 0o600)
        for name in ["content", "content/0", "content/0/000", "quarantine"] {
            #expect(try directory.permissions(of: name) == 0o700, "\(name)")
        }
    }

    @Test("a file that is there is never replaced")
    func createTwice() throws {
        let directory = try TemporaryDirectory()
        let store = try ContentStore(directory: directory.system())
        try store.create(id(1), size: 0).write([1, 2, 3], at: 0)
        let error = #expect(throws: ContentError.self) { try store.create(id(1), size: 9) }
        #expect(error?.errorNumber == EEXIST)
        #expect(try store.open(id(1)).read(0..<10) == [1, 2, 3])
    }

    @Test("bytes are read where they were written, up to the end of the file")
    func readAndWrite() throws {
        let directory = try TemporaryDirectory()
        let store = try ContentStore(directory: directory.system())
        let file = try store.create(id(1), size: 10)
        try file.write([1, 2, 3], at: 9)
        #expect(try file.size() == 12)
        #expect(try store.open(id(1)).read(8..<20) == [0, 1, 2, 3])
        #expect(try file.read(12..<20) == [])
        try file.truncate(to: 10)
        #expect(try file.read(8..<20) == [0, 1])
        try file.write([], at: 100)
        #expect(try file.size() == 10)
        try file.synchronize()
    }

    @Test("a hole gives its blocks back and reads as zeros")
    func punchHole() throws {
        let directory = try TemporaryDirectory()
        let store = try ContentStore(directory: directory.system())
        let file = try store.create(id(1), size: 0)
        try file.write(Array(repeating: 7, count: 1 << 20), at: 0)
        try file.synchronize()
        let before = try file.allocatedSize()
        try file.punchHole(65536..<(1 << 20))
        #expect(try file.size() == 1 << 20)
        #expect(try file.allocatedSize() < before)
        #expect(try file.read(65530..<65540) == [7, 7, 7, 7, 7, 7, 0, 0, 0, 0])
        #expect(try file.nextData(from: 0) == 0..<65536)
        #expect(try file.nextData(from: 65536) == nil)
        try file.punchHole(5..<5)
    }

    @Test("a file that was removed is gone; removing it again is no error")
    func remove() throws {
        let directory = try TemporaryDirectory()
        let store = try ContentStore(directory: directory.system())
        let file = try store.create(id(3), size: 0)
        try file.write([1], at: 0)
        #expect(try store.exists(id(3)))
        try store.remove(id(3))
        try store.remove(id(3))
        #expect(try !store.exists(id(3)))
        // Whoever has it open reads it to the end.
        #expect(try file.read(0..<1) == [1])
        let error = #expect(throws: ContentError.self) { try store.open(id(3)) }
        #expect(error?.isMissing == true)
    }

    @Test("a file that was prepared is handed out once, and is opened anew after that")
    func prepare() throws {
        let directory = try TemporaryDirectory()
        let store = try ContentStore(directory: directory.system())
        try store.prepare(id(1), size: 0)
        let first = try store.provide(id(1), size: 0)
        try first.write([1, 2], at: 0)
        let second = try store.provide(id(1), size: 4)
        #expect(first !== second)
        #expect(try second.read(0..<10) == [1, 2, 0, 0])
        try store.prepare(id(1), size: 6)
        #expect(try first.size() == 6)
        // Another one takes its place; what was removed is not handed out.
        try store.prepare(id(2), size: 0)
        #expect(try store.provide(id(1), size: 0).size() == 6)
        try store.remove(id(2))
        #expect(try store.exists(id(2)) == false)
        #expect(throws: ContentError.self) { try store.open(id(2)) }
        try store.provide(id(2), size: 0).write([7], at: 0)
        #expect(try store.open(id(2)).read(0..<9) == [7])
    }

    @Test("every id has a place of its own, and all are listed in order")
    func list() throws {
        let directory = try TemporaryDirectory()
        let store = try ContentStore(directory: directory.system())
        let numbers: [UInt64] = [
            .max, 0, 1, 1023, 1024, 1025, 1 << 20, 1 << 20 - 1, 1 << 40, 1 << 63,
        ]
        #expect(try store.list() == [])
        for number in numbers { _ = try store.create(id(number), size: 0) }
        try directory.write([1], to: "content/stranger")
        try directory.write([1], to: "content/0/stranger")
        try directory.write([1], to: "content/0/000/00000000000000AB")
        try directory.write([1], to: "content/0/001/0000000000000001")
        #expect(try store.list() == numbers.sorted().map(id))
        let again = try ContentStore(directory: directory.system())
        #expect(try again.list() == numbers.sorted().map(id))
    }

    @Test("the size of all files is what they take on the disk")
    func totalSize() throws {
        let directory = try TemporaryDirectory()
        let store = try ContentStore(directory: directory.system())
        var expected: Int64 = 0
        for number in 0..<5 {
            let file = try store.create(id(UInt64(number) * 2000), size: 1 << 30)
            try file.write(Array(repeating: 1, count: number * 10_000), at: 0)
            try file.synchronize()
            expected += try file.allocatedSize()
        }
        #expect(try store.totalSize() == expected)
        #expect(expected >= 100_000)
        #expect(expected < 1 << 30)
        #expect(try store.freeSpace() > 0)
    }

    @Test("moved to quarantine, a file keeps its bytes, and its id is free of it")
    func quarantine() throws {
        let directory = try TemporaryDirectory()
        let store = try ContentStore(directory: directory.system())
        try store.create(id(0xAB), size: 0).write([1], at: 0)
        let path = try store.quarantine(id(0xAB), reason: "not in the state")
        #expect(path == "\(directory.path)/quarantine/00000000000000ab")
        #expect(try directory.bytes(of: "quarantine/00000000000000ab") == [1])
        #expect(
            try directory.bytes(of: "quarantine/00000000000000ab.txt")
                == Array("not in the state\n".utf8))
        #expect(try !store.exists(id(0xAB)))
        try store.create(id(0xAB), size: 0).write([2], at: 0)
        let second = try store.quarantine(id(0xAB), reason: "again")
        #expect(second == "\(directory.path)/quarantine/00000000000000ab-2")
        #expect(try directory.bytes(of: "quarantine/00000000000000ab") == [1])
        #expect(try directory.bytes(of: "quarantine/00000000000000ab-2") == [2])
        let error = #expect(throws: ContentError.self) {
            try store.quarantine(id(0xAB), reason: "none")
        }
        #expect(error?.isMissing == true)
    }
}

@Suite("Copies of content files")
struct ContentCloneTests {
    private func check(_ directory: SystemDirectory) throws {
        let store = try ContentStore(directory: directory)
        let original = try store.create(id(1), size: 8 << 20)
        var random = SplitMix64(seed: 31)
        let first = random.bytes(5000...5000)
        let second = random.bytes(70_000...70_000)
        try original.write(first, at: 0)
        try original.write(second, at: 5 << 20)
        try original.synchronize()
        let copy = try store.clone(from: id(1), to: id(2))
        #expect(copy.id == id(2))
        #expect(try copy.size() == 8 << 20)
        #expect(try copy.allocatedSize() < 1 << 20)
        #expect(
            try copy.hash(size: 8 << 20) == original.hash(size: 8 << 20))
        // They are two files.
        try copy.write([1, 2, 3], at: 100)
        try copy.synchronize()
        #expect(try original.read(0..<5000) == first)
        #expect(try store.list() == [id(1), id(2)])
    }

    @Test("hold the same bytes and the same holes")
    func copies() throws {
        let directory = try TemporaryDirectory()
        try check(directory.system())
    }

    @Test(
        "also in memory, where blocks cannot be shared",
        .enabled(if: SmallDisk.isAvailable, "only the superuser can mount a disk"))
    func inMemory() throws {
        let disk = try SmallDisk(kibibytes: 2048)
        try check(SystemDirectory(preparing: disk.path))
    }

    @Test("of an empty file and of one that is only a hole")
    func empty() throws {
        let directory = try TemporaryDirectory()
        let store = try ContentStore(directory: directory.system())
        for (number, size) in [(1, 0), (3, 1 << 24)] as [(UInt64, Int64)] {
            _ = try store.create(id(number), size: size)
            let copy = try store.clone(from: id(number), to: id(number + 1))
            #expect(try copy.size() == size)
            #expect(try copy.nextData(from: 0) == nil)
        }
    }

    @Test("leave nothing behind when they fail")
    func failures() throws {
        let directory = try TemporaryDirectory()
        let store = try ContentStore(directory: directory.system())
        #expect(throws: ContentError.self) { try store.clone(from: id(1), to: id(2)) }
        #expect(try store.list() == [])
        try store.create(id(1), size: 0).write([1], at: 0)
        try store.create(id(2), size: 0).write([2], at: 0)
        let error = #expect(throws: ContentError.self) { try store.clone(from: id(1), to: id(2)) }
        #expect(error?.errorNumber == EEXIST)
        #expect(try store.open(id(2)).read(0..<9) == [2])
    }

    @Test(
        "on a full disk fail with ENOSPC and leave nothing behind, as writers do",
        .enabled(if: SmallDisk.isAvailable, "only the superuser can mount a disk"))
    func fullDisk() throws {
        let disk = try SmallDisk(kibibytes: 1024)
        let store = try ContentStore(directory: SystemDirectory(preparing: disk.path))
        let file = try store.create(id(1), size: 0)
        try file.write(Array(repeating: 1, count: 600_000), at: 0)
        let error = #expect(throws: ContentError.self) { try store.clone(from: id(1), to: id(2)) }
        #expect(error?.isNoSpace == true)
        #expect(error?.errorNumber == ENOSPC)
        #expect(try store.list() == [id(1)])
        try disk.fill()
        let failed = #expect(throws: ContentError.self) {
            try file.write(Array(repeating: 1, count: 600_000), at: 600_000)
        }
        #expect(failed?.errorNumber == ENOSPC)
        #expect(try store.freeSpace() == 0)
        // Even now a file can be moved to quarantine.
        let path = try store.quarantine(id(1), reason: "a reason that finds no room")
        #expect(FileManager.default.fileExists(atPath: path))
    }
}

@Suite("Hashes of content files")
struct ContentHashTests {
    @Test(
        "equal those of the same bytes in memory",
        arguments: [0, 1, 1 << 20, 1 << 20 + 1, 3_000_017])
    func hash(size: Int) throws {
        let directory = try TemporaryDirectory()
        let store = try ContentStore(directory: directory.system())
        var random = SplitMix64(seed: UInt64(size))
        let bytes = random.bytes(size...size)
        try store.create(id(1), size: 0).write(bytes + [1, 2, 3], at: 0)
        #expect(try store.hash(id(1), size: Int64(size)) == QuickXorHash.hash(of: bytes))
    }

    @Test("count holes as zeros")
    func holes() throws {
        let directory = try TemporaryDirectory()
        let store = try ContentStore(directory: directory.system())
        _ = try store.create(id(1), size: 5_000_000)
        #expect(
            try store.hash(id(1), size: 5_000_000)
                == QuickXorHash.hash(of: Array(repeating: 0, count: 5_000_000)))
    }

    @Test("of more bytes than there are fail")
    func truncated() throws {
        let directory = try TemporaryDirectory()
        let store = try ContentStore(directory: directory.system())
        let file = try store.create(id(1), size: 10)
        #expect(throws: ContentError.truncated(path: file.path, size: 10, expected: 11)) {
            try store.hash(id(1), size: 11)
        }
    }

    @Test("can be cancelled before every mebibyte")
    func cancelled() throws {
        let directory = try TemporaryDirectory()
        let store = try ContentStore(directory: directory.system())
        let file = try store.create(id(1), size: 10 << 20)
        var count = 0
        #expect(throws: ContentError.cancelled(path: file.path)) {
            try store.hash(id(1), size: 10 << 20) {
                count += 1
                return count == 4
            }
        }
        #expect(count == 4)
    }
}
