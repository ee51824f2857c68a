import Core
import GraphSimulator
import Testing

struct SimulatedContentTests {
    @Test(
        "The hash of generated content is that of its bytes",
        arguments: [0, 1, 7, 8, 159, 160, 161, 319, 320, 321, 479, 480, 640, 1_000, 4_096, 65_537])
    func generatedHash(count: UInt64) {
        for seed in [1, 2, 0xDEAD_BEEF] as [UInt64] {
            let blob = Blob(generatedFrom: seed, count: count)
            #expect(blob.quickXorHash == QuickXorHash.hash(of: blob.bytes))
        }
    }

    @Test("Any range of generated content is the same as that range of the whole")
    func generatedRanges() {
        let blob = Blob(generatedFrom: 42, count: 3_000)
        let whole = blob.bytes
        for start in stride(from: 0, through: 3_000, by: 37) {
            for end in stride(from: start, through: 3_000, by: 113) {
                let part = blob.bytes(in: UInt64(start)..<UInt64(end))
                #expect(part == Array(whole[start..<end]))
            }
        }
    }

    @Test("Contents of different seeds, and blocks of one content, differ")
    func generatedDiffers() {
        let blob = Blob(generatedFrom: 1, count: 1 << 33)
        let first = blob.bytes(in: 0..<160)
        let far = blob.bytes(in: (160 << 24)..<((160 << 24) + 160))
        #expect(first != far)
        #expect(blob.quickXorHash != Blob(generatedFrom: 2, count: 1 << 33).quickXorHash)
    }
}
