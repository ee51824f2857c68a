import Core
import Testing

/// Set-user-ID and set-group-ID, which the kernel leaves to the file system.
struct EnginePrivilegeTests {
    /// What happens to a file.
    enum Change: CaseIterable {
        case writing, truncating, opening, owning, touching
    }

    private static let rows: [(UInt16, Change, UInt16)] = [
        (0o4755, .writing, 0o755), (0o2755, .writing, 0o755), (0o6755, .writing, 0o755),
        // Without execution for the group it marks mandatory locking, and grants nothing.
        (0o2644, .writing, 0o2644), (0o1755, .writing, 0o1755), (0o755, .writing, 0o755),
        (0o4755, .truncating, 0o755), (0o4755, .opening, 0o755), (0o6755, .owning, 0o755),
        (0o6755, .touching, 0o6755),
    ]

    @Test("whoever changes a file takes its privileges away", arguments: rows)
    func privileges(before: UInt16, change: Change, after: UInt16) throws {
        var world = EngineWorld()
        try world.write("a", "text")
        let id = try world.node("a")
        func set(_ change: AttributeChange) throws {
            try world.step { engine, now throws(PosixError) in
                try engine.setAttributes(id, change, at: now)
            }
        }
        try set(AttributeChange(permissions: before))
        world.runEffects()
        world.invalidations = []
        switch change {
        case .writing:
            let opened = try world.open("a", canWrite: true)
            try world.put("new", opened)
            world.close(opened)
        case .truncating:
            let opened = try world.open("a", canWrite: true)
            try world.put("", opened)
            world.step { $0.resized(id, to: 1, at: $1) }
            world.close(opened)
        case .opening:
            let opened = try world.step { engine, now throws(PosixError) in
                try engine.open(id, canWrite: true, truncating: true, at: now)
            }
            world.close(opened)
        case .owning: try set(AttributeChange(owner: 1000, group: 1000))
        case .touching: try set(AttributeChange(modified: .now))
        }
        #expect(try world.engine.attributes(of: id).permissions == after)
        world.runEffects()
        let isTold = world.invalidations.contains(.invalidateInode(id, data: false))
        // The kernel learns from the answer what a call for attributes did.
        #expect(isTold == (before != after && change != .owning))
    }
}
