import Core
import GraphSimulator
import Synchronization

/// Worlds in which everybody knows the drive, from which scenarios begin: to come so far takes
/// longer than most scenarios, and what can go wrong there is met by those that begin with nothing.
enum StartingPoint {
    private struct Key: Hashable {
        var profile: AccountProfile
        var origin: [Step]
    }

    private static let known = Mutex<[Key: World]>([:])
    /// While a scenario is made smaller each attempt has its own.
    private static let countMax = 500

    /// The world of a scenario before its first deed.
    static func world(
        for scenario: Scenario, mutant: Mutant?, isVerbose: Bool
    ) -> World {
        if scenario.settings.isFresh {
            return World(fresh: scenario, mutant: mutant, isVerbose: isVerbose)
        }
        let key = Key(
            profile: scenario.settings.profile,
            origin: scenario.steps.filter { $0.actor == .origin })
        let start = known.withLock { $0[key] } ?? make(key)
        return World(scenario, from: start, mutant: mutant, isVerbose: isVerbose)
    }

    private static func make(_ key: Key) -> World {
        var settings = Settings()
        settings.profile = key.profile
        settings.isFresh = true
        var world = World(fresh: Scenario(settings: settings, steps: key.origin))
        world.isHostile = false
        world.playSteps()
        world.run(forSeconds: 10, events: 1_000)
        for number in world.devices.indices { world.synchronize(number) }
        // The first client has read everything, the others nothing.
        world.readEverything(0)
        let result = world
        known.withLock { known in
            if known.count >= countMax { known.removeAll() }
            known[key] = result
        }
        return result
    }
}
