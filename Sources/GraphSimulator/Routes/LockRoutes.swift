import Core

/// Checking files out and in, and the versions that come of it.
extension GraphService {
    /// `POST …/checkout`, `…/checkin` and `…/discardCheckout`.
    mutating func changeLock(
        _ exchange: Exchange, _ drive: Int, _ address: ItemAddress
    ) throws(GraphFailure) -> SimulatedResponse {
        guard !profile.isPersonal else { throw .unsupported("Checking out on this drive") }
        let key = try resolve(address, drive, now: exchange.now)
        try checkConditions(exchange, drive, key)
        guard let file = try existing(key, drive).file else {
            throw .invalidRequest("Only files can be checked out.")
        }
        let isOwn = file.lock == .checkedOut(by: exchange.party)
        if address.relation.first == "checkout" {
            let isTaken = isOwn && !quirks.checksOutTwice
            if isTaken || file.refuses(exchange.party, now: exchange.now) {
                throw quirks.checkoutRefusal.failure
            }
            drives[drive].setLock(.checkedOut(by: exchange.party), of: key)
            return .empty(204)
        }
        guard !file.refuses(exchange.party, now: exchange.now) else { throw .locked }
        guard isOwn else { throw .invalidRequest("The file is not checked out.") }
        drives[drive].setLock(.none, of: key)
        if address.relation.first == "checkin" {
            drives[drive].change(key, now: exchange.now) { $0.file?.published = nil }
        } else if let published = file.published {
            drives[drive].change(key, content: true, now: exchange.now) { item in
                item.file?.restorePublished()
                item.size = published.size
                item.clientCreated = published.clientCreated
                item.clientModified = published.clientModified
            }
        }
        return .empty(204)
    }

    /// `GET …/versions`, `…/versions/{id}` and `…/versions/{id}/content`.
    mutating func readVersions(
        _ exchange: Exchange, _ drive: Int, _ address: ItemAddress
    ) throws(GraphFailure) -> SimulatedResponse {
        let key = try resolve(address, drive, now: exchange.now)
        let item = try existing(key, drive).seen(by: exchange.party)
        guard let file = item.file else { throw .invalidRequest("Only files have versions.") }
        if address.relation.count == 1 {
            return .json(
                200,
                JSONOutput.object { output in
                    output.name("value")
                    output.array { array in
                        array.object { version in
                            Self.write(
                                number: file.versionNumber, size: item.size, time: item.modified,
                                into: &version)
                        }
                        for older in file.versions.reversed() {
                            array.object { version in
                                Self.write(
                                    number: older.number, size: older.content.count,
                                    time: older.modified, into: &version)
                            }
                        }
                    }
                })
        }
        let id = address.relation[1]
        let isCurrent = id == "current" || id == "\(file.versionNumber).0"
        let older = file.versions.first { "\($0.number).0" == id }
        guard isCurrent || older != nil else { throw .itemNotFound }
        if address.relation.count == 2 {
            return .json(
                200,
                JSONOutput.object { output in
                    Self.write(
                        number: older?.number ?? file.versionNumber,
                        size: older?.content.count ?? item.size,
                        time: older?.modified ?? item.modified, into: &output)
                })
        }
        guard address.relation[2] == "content" else { throw .unknownResource }
        return SimulatedResponse(
            status: 302,
            headers: [
                HTTPHeader(
                    "Location", versionURL(exchange, drive, key, number: older?.number))
            ])
    }

    /// A download URL; for an older version its number follows the time of expiry.
    private func versionURL(
        _ exchange: Exchange, _ drive: Int, _ key: ItemKey, number: Int?
    ) -> String {
        let url = writer(exchange, drive).downloadURL(key)
        guard let number, let question = url.firstIndex(of: "?") else { return url }
        return "\(url[..<question])/\(number)\(url[question...])"
    }

    private static func write(
        number: Int, size: UInt64, time: Timestamp, into output: inout JSONOutput
    ) {
        output.member("id", "\(number).0")
        output.member("lastModifiedDateTime", time.rfc3339)
        output.member("size", size)
        output.member("lastModifiedBy") { by in
            by.member("user") { user in
                user.member("id", userID)
                user.member("displayName", userName)
            }
        }
    }
}
