import Core

/// What a person with curl, or `onedrive simulate`, does to the service: `/simulator/…`.
///
/// It needs no token, so a host must offer it on loopback only.
extension GraphService {
    mutating func control(_ exchange: Exchange) throws(GraphFailure) -> SimulatedResponse {
        let path = exchange.target.segments.dropFirst().joined(separator: "/")
        switch (exchange.request.method, path) {
        case ("GET", "device"): return Self.devicePage()
        case ("POST", "approve-device"), ("GET", "approve-device"):
            return try decideDevice(exchange, approve: true)
        case ("POST", "decline-device"), ("GET", "decline-device"):
            return try decideDevice(exchange, approve: false)
        case ("POST", "mutate"): return try mutate(exchange)
        case ("POST", "fault"):
            inject(try Self.fault(exchange.json()))
            return .empty(204)
        case ("DELETE", "fault"):
            clearFaults()
            return .empty(204)
        case ("GET", "tree"): return .json(200, treeText(try selector(exchange)))
        case ("GET", "requests"): return .json(200, requestsText())
        case ("DELETE", "requests"):
            log.clear()
            return .empty(204)
        case ("POST", "tokens"):
            let (access, refresh) = issueTokens(now: exchange.now)
            return .json(
                200,
                JSONOutput.object { output in
                    output.member("access_token", access)
                    output.member("refresh_token", refresh)
                })
        case ("POST", "revoke"):
            revokeTokens()
            return .empty(204)
        case ("POST", "expire-access"):
            expireAccessTokens()
            return .empty(204)
        case ("POST", "resync"):
            expireDeltaTokens(of: try selector(exchange))
            return .empty(204)
        default:
            throw .unknownResource
        }
    }

    private static func devicePage() -> SimulatedResponse {
        IdentityProvider.page(
            200,
            """
            <h1>Enter the code of your device</h1>
            <form action="approve-device"><input name="user_code" autofocus><button>Continue</button></form>
            """)
    }

    private mutating func decideDevice(
        _ exchange: Exchange, approve: Bool
    ) throws(GraphFailure) -> SimulatedResponse {
        guard let code = exchange.target.parameter("user_code"),
            decideDevice(userCode: code, approve: approve)
        else { throw .itemNotFound }
        return IdentityProvider.page(200, "<p>You may close this page.</p>")
    }

    private func selector(_ exchange: Exchange) throws(GraphFailure) -> DriveSelector {
        switch exchange.target.parameter("drive") {
        case nil, "main": return .main
        case "library" where drives.count > 1: return .library
        case .some: throw .itemNotFound
        }
    }

    // MARK: Changes

    /// Does a list of changes: `[{"op":"write","path":"a.txt","text":"…"}, …]`.
    ///
    /// Operations: `folder`, `write` (creates or replaces; `text`, `base64`, or `generated` bytes),
    /// `rename` and `move` (`to`), `delete`, `touch`, `lock`, `unlock`, `generate` (in the root:
    /// `folders` with `files` each of `size` bytes, computed when looked at).
    private mutating func mutate(_ exchange: Exchange) throws(GraphFailure) -> SimulatedResponse {
        let drive = try selector(exchange)
        guard let operations = try exchange.json().array else {
            throw .invalidRequest("A list of operations is expected.")
        }
        for (index, operation) in operations.enumerated() {
            do throws(RemoteChangeRefused) {
                guard try apply(operation, drive, now: exchange.now) else {
                    throw RemoteChangeRefused(status: 400, code: "invalidRequest", path: "")
                }
            } catch {
                throw GraphFailure(
                    error.status, error.code, "Operation \(index) was refused: \(error)")
            }
        }
        return .empty(204)
    }

    /// Does one change.
    ///
    /// `false` if it cannot be understood.
    private mutating func apply(
        _ operation: JSONValue, _ drive: DriveSelector, now: Timestamp
    ) throws(RemoteChangeRefused) -> Bool {
        guard let path = operation["path"]?.string else { return false }
        let to = operation["to"]?.string
        switch operation["op"]?.string {
        case "folder": try remoteCreateFolder(path, in: drive, now: now)
        case "write":
            guard let blob = blob(of: operation) else { return false }
            if entry(path, of: drive) == nil {
                try remoteCreateFile(path, blob, in: drive, now: now)
            } else {
                try remoteEdit(path, blob, in: drive, now: now)
            }
        case "rename":
            guard let to else { return false }
            try remoteRename(path, to: to, in: drive, now: now)
        case "move":
            guard let to else { return false }
            try remoteMove(path, toFolder: to, in: drive, now: now)
        case "delete": try remoteDelete(path, in: drive, now: now)
        case "touch": try remoteTouch(path, in: drive, now: now)
        case "generate": return generate(path, operation, drive, now: now)
        case "lock": try remoteSetLock(path, .checkedOut, in: drive, now: now)
        case "unlock": try remoteSetLock(path, .none, in: drive, now: now)
        default: return false
        }
        return true
    }

    private mutating func generate(
        _ name: String, _ operation: JSONValue, _ drive: DriveSelector, now: Timestamp
    ) -> Bool {
        guard !name.contains("/"), entry(name, of: drive) == nil,
            let folders = operation["folders"]?.integer, let files = operation["files"]?.integer,
            let size = operation["size"]?.integer, (0...1 << 40).contains(size),
            (0...Self.generatedMax).contains(folders), (0...Self.generatedMax).contains(files)
        else { return false }
        seedGenerated(
            named: name, folders: Int(folders), filesPerFolder: Int(files),
            fileSize: UInt64(size), in: drive, now: now)
        return true
    }

    /// The most folders, and files in a folder, that are generated at once.
    private static let generatedMax: Int64 = 1_000_000

    private mutating func blob(of operation: JSONValue) -> Blob? {
        if let text = operation["text"]?.string { return Blob(Array(text.utf8)) }
        if let text = operation["base64"]?.string { return Base64.decode(text).map { Blob($0) } }
        if let count = operation["generated"]?.integer, count >= 0 {
            return Blob(generatedFrom: random.next(), count: UInt64(count))
        }
        return nil
    }

    // MARK: Faults

    /// Reads `{"action":"respond","status":503,"method"?,"contains"?,"operation"?,"count"?,"skip"?}`.
    private static func fault(_ value: JSONValue) throws(GraphFailure) -> Fault {
        let status = Int(value["status"]?.integer ?? 500)
        let code = value["code"]?.string ?? "generalException"
        let amount = value["amount"]?.integer ?? 0
        let action: Fault.Action
        switch value["action"]?.string {
        case "respond":
            action = .respond(status: status, code: code, retryAfter: value["retryAfter"]?.string)
        case "respond-text":
            action = .respondText(status: status, body: value["text"]?.string ?? "")
        case "execute-then-respond": action = .executeThenRespond(status: status, code: code)
        case "lose-reply": action = .loseReply
        case "drop": action = .dropConnection
        case "delay": action = .delay(milliseconds: Int(max(0, amount)))
        case "cut": action = .cutBody(after: UInt64(max(0, amount)))
        case "shorten": action = .shortenFragment(to: Int(max(0, amount)))
        case "duplicate": action = .duplicateEntries
        case "shuffle": action = .shuffleEntries
        default: throw .invalidRequest("The action is not known.")
        }
        return Fault(
            action, method: value["method"]?.string,
            targetContains: value["contains"]?.string ?? "",
            operation: value["operation"]?.string.flatMap { Operation(rawValue: $0) },
            skip: Int(value["skip"]?.integer ?? 0), count: Int(value["count"]?.integer ?? 1))
    }

    // MARK: Answers

    private func treeText(_ drive: DriveSelector) -> [UInt8] {
        var output = JSONOutput(capacity: 4_096)
        output.array { array in
            for entry in tree(of: drive) {
                array.object { object in
                    object.member("path", entry.path)
                    object.member("id", entry.id)
                    object.member("kind", entry.kind.rawValue)
                    object.member("size", entry.size)
                    if let hash = entry.hash { object.member("hash", hash.base64) }
                    object.member("modified", entry.modified.rfc3339)
                }
            }
        }
        return output.bytes
    }

    private func requestsText() -> [UInt8] {
        var output = JSONOutput(capacity: 4_096)
        output.array { array in
            for record in log.records {
                array.object { object in
                    object.member("operation", record.operation.rawValue)
                    object.member("method", record.method)
                    object.member("target", record.target)
                    object.member("status", record.status ?? 0)
                    object.member("received", record.bytesReceived)
                    object.member("sent", record.bytesSent)
                }
            }
        }
        return output.bytes
    }
}
