import Foundation
import GraphSimulator
import Testing

/// Readers see one version of a file from open to close, and a new one after it was announced,
/// whatever is done to the file here and elsewhere meanwhile.
///
/// `VERSION_ROUNDS` in the environment sets how long it goes on; with it, what was counted is printed.
@Suite(
    "Whole versions",
    .enabled(if: TestMount.isPossible, "/dev/fuse cannot be opened"), .timeLimit(.minutes(240)))
struct WholeVersionTests {
    private static let wishedRounds =
        ProcessInfo.processInfo.environment["VERSION_ROUNDS"].flatMap(Int.init)

    @Test("S12, S28, S39, S40, S41: files that others replace and exchange")
    func elsewhere() async throws {
        let names = (0..<4).map { "file\($0)" }
        try await ClientWorld.with { world throws in
            let scene = VersionScene(world)
            try scene.begin(names)
            let crew = Crew()
            defer { crew.stop() }
            for reader in 0..<3 {
                try scene.addReader(reader, to: crew, names)
            }
            try scene.addPrograms(to: crew, names)
            try scene.addEditor(to: crew, names[3])
            var random = SplitMix64(seed: 1)
            for _ in 0..<(Self.wishedRounds ?? 60) where !crew.isOver {
                var announced: [WholeVersion] = []
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let name = names[Int.random(in: 0..<3, using: &random)]
                    if let version = try scene.edit(name) { announced.append(version) }
                }
                if Int.random(in: 0..<4, using: &random) == 0 {
                    try scene.exchange(names[0], names[Int.random(in: 1..<3, using: &random)])
                }
                try scene.synchronize()
                scene.announce(announced)
                scene.awaitTurns(of: crew)
            }
            crew.stop()
            #expect(crew.problems == [])
            try world.expectAgreement()
            scene.finish(wishedRounds: Self.wishedRounds)
        }
    }

    @Test(
        "S27, S30, S32, S33, S42, S48: files that programs save in their ways while others edit them"
    )
    func saved() async throws {
        let saved = ["replaced", "backedUp", "exchanged"]
        let locked = ["overwritten", "truncated"]
        let settings = ["upload_delay": "0s", "poll_interval": "1s"]
        try await ClientWorld.with(settings: settings) { world throws in
            let scene = VersionScene(world)
            try scene.begin(saved + locked)
            let crew = Crew()
            defer { crew.stop() }
            for reader in 0..<2 { try scene.addReader(reader, to: crew, saved) }
            try scene.addPrograms(to: crew, saved)
            try scene.addLockedReader(to: crew, locked)
            try scene.addSavers(to: crew)
            var random = SplitMix64(seed: 2)
            for _ in 0..<(Self.wishedRounds ?? 40) where !crew.isOver {
                _ = try scene.edit((saved + locked)[Int.random(in: 0..<5, using: &random)])
                try world.lookForChanges()
                scene.awaitTurns(of: crew)
            }
            crew.stop()
            #expect(crew.problems == [])
            try world.expectAgreement()
            scene.finish(wishedRounds: Self.wishedRounds)
        }
    }
}
