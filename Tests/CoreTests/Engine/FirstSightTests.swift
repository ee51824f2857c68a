import Core
import GraphSimulator
import Testing

/// A first enumeration shows items without a plan where it can, and the same items where it cannot.
struct FirstSightTests {
    private func service(_ change: (inout GraphService) throws -> Void) throws -> GraphService {
        var service = GraphService(profile: .business, seed: 9)
        let now = Timestamp(seconds: 1_767_299_000)
        for folder in 0..<5 {
            for file in 0..<20 {
                try service.remoteCreateFile(
                    "f\(folder)/g/\(file)", Array("\(folder) \(file)".utf8), now: now)
            }
        }
        try change(&service)
        return service
    }

    @Test("The order in which items are told, and the size of pages, make no difference")
    func orders() throws {
        var expected: [String]?
        for (size, shuffles) in [(200, false), (200, true), (7, false), (7, true), (1, true)] {
            var world = EngineWorld(
                try service {
                    $0.quirks.deltaPageSize = size
                    $0.quirks.pageSizeMax = size
                    $0.quirks.deltaShuffles = shuffles
                })
            world.settle()
            #expect(world.engine.status.pending == 0)
            let paths = try world.paths()
            #expect(paths == world.cloudPaths)
            #expect(paths == expected ?? paths)
            expected = paths
        }
    }

    @Test("Nothing is shown while syncing is paused")
    func paused() throws {
        var world = EngineWorld(try service { _ in })
        world.step { $0.pause(at: $1) }
        world.wait(seconds: 120)
        #expect(world.engine.tree.children(of: .root).isEmpty)
        _ = world.step { $0.resume(at: $1) }
        world.settle()
        #expect(try world.paths() == world.cloudPaths)
    }
}
