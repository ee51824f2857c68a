import Core
import Testing

@Suite struct OpenFlagsTests {
    @Test(
        "the access mode is a number, not a set of flags",
        arguments: [(Int32(0), true, false), (1, false, true), (2, true, true)])
    func accessMode(rawValue: Int32, canRead: Bool, canWrite: Bool) {
        let flags = OpenFlags(rawValue: rawValue | 0o100)
        #expect(flags.canRead == canRead)
        #expect(flags.canWrite == canWrite)
    }

    @Test("each flag has its own bit, as open(2) on Linux has it")
    func bits() {
        #expect(OpenFlags(rawValue: 0o200).isExclusive)
        #expect(OpenFlags(rawValue: 0o1000).truncates)
        #expect(OpenFlags(rawValue: 0o2000).appends)
        let none = OpenFlags(rawValue: ~0o3200)
        #expect(!none.isExclusive && !none.truncates && !none.appends)
    }
}
