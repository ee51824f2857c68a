import Core

/// What people do to a drive, on this device and elsewhere.
extension World {
    private static let names: [Name] = ["a", "b", "A", "c", "\u{E9}", "e\u{301}"]

    /// A content to write: mostly a new one, now and then one that the other side may write, too.
    private mutating func content(_ choices: inout Choices) -> Content {
        choices.isOne(in: 6) ? Payload.content("same") : newContent()
    }

    private mutating func giveUp(_ content: Content?) {
        if let content { givenUp.insert(Payload.hashed(content)) }
    }

    // MARK: Elsewhere

    mutating func changeCloud(_ choices: inout Choices) {
        let items = cloud.items.keys.sorted()
        let directories = [CloudModel.root] + items.filter(cloud.isDirectory)
        let files = items.filter { !cloud.isDirectory($0) }
        let name = Self.names[choices.next(below: Self.names.count)]
        guard let directory = choices.element(of: directories) else { return }
        isUpToDate = false
        switch choices.next(below: 8) {
        case 0:
            if let file = choices.element(of: files) {
                giveUp(cloud.items[file]?.content)
                let content = content(&choices)
                log.append("cloud: write \(Payload.word(content)) to item \(file)")
                try? cloud.write(file, content, newTime(), version: nil)
                written.insert(content)
            }
        case 1:
            let content = content(&choices)
            log.append("cloud: make \(name) = \(Payload.word(content)) in item \(directory)")
            let item = try? cloud.create(.file, in: directory, name, content, newTime())
            if item != nil { written.insert(content) }
        case 2:
            log.append("cloud: make \(name)/ in item \(directory)")
            _ = try? cloud.create(.directory, in: directory, name, nil, newTime())
        case 3:
            if let item = choices.element(of: items), let parent = cloud.items[item]?.parent {
                log.append("cloud: rename item \(item) to \(name)")
                try? cloud.move(item, to: parent, name, version: nil)
            }
        case 4:
            if let item = choices.element(of: items), let name = cloud.items[item]?.name {
                log.append("cloud: move item \(item) into item \(directory)")
                try? cloud.move(item, to: directory, name, version: nil)
            }
        case 5:
            if let item = choices.element(of: items) {
                log.append("cloud: delete item \(item)")
                for inside in cloud.subtree(item) { giveUp(cloud.items[inside]?.content) }
                try? cloud.delete(item, version: nil)
            }
        case 6:
            if let item = choices.element(of: items), let other = choices.element(of: items) {
                swapInCloud(item, other)
            }
        default:
            if let file = choices.element(of: files) {
                log.append("cloud: touch item \(file)")
                try? cloud.write(file, nil, newTime(), version: nil)
            }
        }
    }

    private mutating func swapInCloud(_ item: Int, _ other: Int) {
        guard item != other, let first = cloud.items[item], let second = cloud.items[other],
            !cloud.isInside(item, other), !cloud.isInside(other, item)
        else { return }
        log.append("cloud: swap items \(item) and \(other)")
        try? cloud.move(item, to: first.parent, "swap", version: nil)
        try? cloud.move(other, to: first.parent, first.name, version: nil)
        try? cloud.move(item, to: second.parent, second.name, version: nil)
    }

    // MARK: On this device

    mutating func changeHere(_ choices: inout Choices) {
        let nodes = tree.allNodes.filter { $0 != .root && tree.local($0) != nil }
        let directories =
            [NodeID.root]
            + nodes.filter { tree[$0]?.kind == .directory && tree[$0]?.scope == .synced }
        let files = nodes.filter { tree[$0]?.kind == .file }
        let name = Self.names[choices.next(below: Self.names.count)]
        guard let directory = choices.element(of: directories) else { return }
        switch choices.next(below: 10) {
        case 0:
            if let file = choices.element(of: files) {
                giveUp(tree.local(file)?.content)
                write(file, content(&choices), isHashed: choices.next(below: 2) == 0)
            }
        case 1: make(.file, in: directory, name, &choices)
        case 2: make(.directory, in: directory, name, &choices)
        case 3:
            if let node = choices.element(of: nodes), let place = tree.local(node)?.place {
                move(node, to: Place(parent: place.parent, name: name))
            }
        case 4:
            if let node = choices.element(of: nodes), let place = tree.local(node)?.place {
                move(node, to: Place(parent: directory, name: place.name))
            }
        case 5: if let node = choices.element(of: nodes) { delete(node) }
        case 6:
            if let node = choices.element(of: nodes), let other = choices.element(of: nodes) {
                swap(node, other)
            }
        case 7:
            if let file = choices.element(of: files) {
                log.append("here: touch \(file)")
                let time = newTime()
                tree.update(file) { $0.local?.modified = time }
            }
        case 8:
            if let node = choices.element(of: nodes), let place = tree.local(node)?.place {
                let isFile = tree[node]?.kind == .file
                delete(node)
                make(isFile ? .directory : .file, in: place.parent, place.name, &choices)
            }
        default: make(.symlink, in: directory, name, &choices)
        }
    }

    private func isFree(_ place: Place, for node: NodeID?) -> Bool {
        guard let other = tree.child(of: place.parent, foldingLike: place.name) else { return true }
        return other == node
    }

    private mutating func write(_ file: NodeID, _ content: Content, isHashed: Bool) {
        let word = Payload.word(content)
        log.append("here: write \(word) to \(file)")
        let time = newTime()
        written.insert(content)
        tree.update(file) { node in
            node.local?.content = isHashed ? content : Payload.content("~\(word)")
            node.local?.modified = time
        }
    }

    private mutating func make(
        _ kind: Kind, in directory: NodeID, _ name: Name, _ choices: inout Choices
    ) {
        let place = Place(parent: directory, name: name)
        guard isFree(place, for: nil), tree.local(directory) != nil else { return }
        let scope = kind == .symlink ? Scope.localOnly(.symlink) : .synced
        var node = Node.test(newNode(), kind, scope)
        let content = kind == .file ? content(&choices) : nil
        let isHashed = choices.next(below: 2) == 0
        node.local = Facts(place: place, content: content, modified: newTime())
        if let content { written.insert(content) }
        if let content, !isHashed {
            node.local?.content = Payload.content("~" + Payload.word(content))
        }
        log.append("here: make \(node.id) \(name) in \(directory)")
        tree.insert(node)
    }

    private mutating func move(_ node: NodeID, to place: Place) {
        guard isFree(place, for: node), !tree.isInside(place.parent, node) else { return }
        log.append("here: move \(node) to \(place.name) in \(place.parent)")
        tree.update(node) { $0.local?.place = place }
    }

    private mutating func swap(_ node: NodeID, _ other: NodeID) {
        guard node != other, !tree.isInside(node, other), !tree.isInside(other, node),
            let first = tree.local(node)?.place, let second = tree.local(other)?.place
        else { return }
        log.append("here: swap \(node) and \(other)")
        tree.update(node) { $0.local?.place.name = "swap" }
        tree.update(other) { $0.local?.place = first }
        tree.update(node) { $0.local?.place = second }
    }

    /// Deletes a node with everything inside, as `rm -r` does.
    private mutating func delete(_ node: NodeID) {
        for child in tree.children(of: node) { delete(child) }
        log.append("here: delete \(node)")
        giveUp(tree.local(node)?.content)
        tree.update(node) { $0.local = nil }
    }

    /// What stays here would hold back the deletion of its directory for ever.
    mutating func deleteSymlinks() {
        for id in tree.allNodes where tree[id]?.kind == .symlink { delete(id) }
    }
}
