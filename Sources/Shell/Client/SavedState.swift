import Core
import Glibc

/// The state of a client as a preview reads it: nothing is changed by that.
struct SavedState {
    let stored: StoredState
    private let content: ContentStore?

    /// Reads what a client keeps in a directory; a directory without a state is one of a drive that
    /// was never mounted.
    init(in directory: SystemDirectory) throws(ClientError) {
        do throws(StoreError) {
            stored = try StateStore(directory: directory, mode: .readOnly).load()
        } catch {
            guard case .missing = error else { throw ClientError(.cannotWrite, "\(error)") }
            stored = StoredState()
        }
        // Opening the contents makes their directory.
        let isThere = access(directory.path(of: .content), F_OK) == 0
        content =
            isThere
            ? try Client.attempt(.cannotWrite) { () throws(ContentError) in
                try ContentStore(directory: directory)
            } : nil
    }

    /// The sizes of the files written here: of those the database knows only the last flush.
    var inventory: Engine.ContentInventory {
        var inventory = Engine.ContentInventory()
        guard let content else { return inventory }
        for generation in stored.generations {
            inventory.sizes[generation.id] = try? content.open(generation.id).size()
        }
        return inventory
    }

    func hash(_ request: HashRequest) throws(ClientError) -> QuickXorHash {
        guard let content else {
            throw ClientError(
                .cannotWrite, "the state has edited files, but their bytes ('content') are missing")
        }
        return try Client.attempt(.cannotWrite) { () throws(ContentError) in
            try content.hash(request.generation, size: request.size)
        }
    }
}
