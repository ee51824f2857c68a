/// What a node sends to the cloud, and what both sides agree on when it has arrived.
extension Node {
    /// What a change carries to the cloud: bytes, and their time, only if it is an upload.
    func sentFacts(with change: RemoteChange) -> Facts? {
        var sent = local
        switch change {
        case .createFile, .replaceContent: sent?.settleContent()
        case .park(let name, _):
            keepBytes(of: &sent)
            if let parent = remote.facts?.place.parent {
                sent?.place = Place(parent: parent, name: name)
            }
        case .move: keepBytes(of: &sent)
        case .setTime: sent?.content = agreedBytes
        case .createDirectory, .delete: break
        }
        return sent
    }

    /// The bytes that a change of name or time leaves as they are; nil where somebody has edited them:
    /// those are to be known neither by the time nor as our own.
    private var agreedBytes: Content? {
        remote.facts?.content == synced?.content ? synced?.content : nil
    }

    private func keepBytes(of sent: inout Facts?) {
        let isEdited = local?.content != remote.facts?.content
        sent?.content = agreedBytes
        if isEdited, let modified = remote.facts?.modified { sent?.modified = modified }
    }

    /// Both sides agree on what was sent.
    ///
    /// What the service made of it is an observation like any other: if it rewrote the bytes, that
    /// is an edit of the cloud.
    mutating func acknowledge(_ change: RemoteChange, _ remote: Facts?) {
        sent = nil
        guard let remote else { return }
        var agreed = synced ?? remote
        switch change {
        case .createDirectory(let place):
            agreed = remote
            agreed.place = place
        case .createFile(let place, let content):
            agreed.place = place
            agreed.content = content.settled
            settle(content)
            agreed.modified = remote.modified
        case .replaceContent(let content, _):
            agreed.content = content.settled
            settle(content)
            agreed.modified = remote.modified
        case .move(let place, _):
            agreed.place = place
            agreed.modified = remote.modified
        // A service that has set another time than it was asked to is not asked again.
        case .setTime(let time, _): agreed.modified = time
        case .park: agreed.place = remote.place
        case .delete: break
        }
        synced = agreed
    }

    /// Both sides have the bytes now, unless they were written anew meanwhile.
    private mutating func settle(_ content: Content) {
        if local?.content == content { local?.content = content.settled }
    }
}
