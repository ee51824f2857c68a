import Core
import Simulation

extension MemoryDatabase {
    /// Takes away what a version that knew no shortcuts would not have written.
    mutating func forgetShares() {
        others.settings[.shortcuts] = nil
        let shortcuts = Set(others.shares.keys)
        others.shares = [:]
        nodes = nodes.filter { id, node in
            let parent = node.remote.facts?.place.parent
            return !shortcuts.contains(id) && node.item?.id.foreignDrive == nil
                && !(parent.map(shortcuts.contains) ?? false)
        }
    }
}
