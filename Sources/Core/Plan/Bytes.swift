/// What becomes of the bytes and the time of a file that both sides have.
enum BytesChange: Hashable {
    case none
    case take(Content, Reason)
    case takeTime(Timestamp)
    case send(Content)
    case sendTime(Timestamp)
    /// Both sides changed the bytes.
    case keepBoth
}

extension Draft {
    var bytesChange: BytesChange {
        guard node.kind == .file, bytesHold == nil, here != nil, there != nil,
            let local = node.local, case .present(let remote) = cloud,
            let localContent = local.content, let remoteContent = remote.content
        else { return .none }
        switch standing {
        case .binding: return .none
        case .free, .fixed, .held: break
        }
        if localContent == remoteContent { return timeChange(local, remote) }
        if localContent == base?.content { return .take(remoteContent, .editedThere) }
        return remoteContent == base?.content ? .send(localContent) : .keepBoth
    }

    /// Where both sides changed the time, or nothing tells who did, the cloud's counts.
    private func timeChange(_ local: Facts, _ remote: Facts) -> BytesChange {
        if local.agreesInTime(with: remote) { return .none }
        if let base, base.agreesInTime(with: remote) { return .sendTime(local.modified) }
        return .takeTime(remote.modified)
    }

    /// Whether the bytes or the time have to wait.
    var isWaitingForBytes: Bool {
        guard bytesHold != nil, let local = node.local, case .present(let remote) = cloud else {
            return false
        }
        return local.content != remote.content || !local.agreesInTime(with: remote)
    }
}
