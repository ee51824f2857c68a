extension Configuration {
    /// Makes sense of a configuration file.
    ///
    /// - Parameters:
    ///   - document: What the file holds, or nil if it is empty.
    ///   - environment: Where the program runs.
    /// - Returns: The configuration, or everything that is wrong with it.
    package static func interpret(
        _ document: YAMLNode?, in environment: ConfigurationEnvironment
    ) -> Result<Configuration, ConfigurationProblems> {
        var reader = ConfigurationReader(document)
        let clientID = reader.value(.clientID, "the id of an application") { text in
            text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? text : nil
        }
        if clientID == nil, reader.node(.clientID) == nil {
            reader.report(
                at: reader.position(.clientID),
                "'client_id' is missing: the application (client) id of an app registration")
        }
        var configuration = Configuration(
            clientID: clientID ?? "",
            systemDirectory: environment.absolute(environment.dataDirectory + "/onedrive"),
            mountDirectory: environment.absolute("~/OneDrive"))
        configuration.readIdentity(&reader)
        configuration.readDirectories(&reader, environment)
        configuration.readEndpoints(&reader)
        configuration.readTransfers(&reader)
        configuration.readPolicies(&reader)
        if let first = reader.problems.first {
            return .failure(
                ConfigurationProblems(first: first, others: Array(reader.problems.dropFirst())))
        }
        return .success(configuration)
    }

    private mutating func readIdentity(_ reader: inout ConfigurationReader) {
        clientSecret = reader.text(.clientSecret)
        cookie = reader.text(.cookie)
        redirectURI = reader.value(.redirectURI, "an absolute URL such as http://localhost") {
            text in
            URLAuthority(ofURL: text) != nil && !text.contains("#") ? text : nil
        }
        scope =
            reader.value(.scope, "permissions separated by blanks") { text in
                text.utf8.allSatisfy { (0x20...0x7E).contains($0) } ? text : nil
            } ?? scope
        tenant =
            reader.value(.tenant, "a tenant's id or domain, common, organizations or consumers") {
                text in
                text.utf8.allSatisfy(Self.isHostByte) ? text : nil
            } ?? tenant
        logLevel = reader.choice(.logLevel) ?? logLevel
    }

    private mutating func readDirectories(
        _ reader: inout ConfigurationReader, _ environment: ConfigurationEnvironment
    ) {
        systemDirectory = reader.text(.systemDirectory).map(environment.absolute) ?? systemDirectory
        mountDirectory = reader.text(.mountDirectory).map(environment.absolute) ?? mountDirectory
        if AbsolutePath.isInside(mountDirectory, folder: systemDirectory) {
            reader.report(
                at: reader.position(.mountDirectory),
                "mount_directory \(ConfigurationReader.quoted(mountDirectory)) must not lie inside "
                    + "system_directory \(ConfigurationReader.quoted(systemDirectory))")
        } else if AbsolutePath.isInside(systemDirectory, folder: mountDirectory) {
            // The program would wait for itself.
            reader.report(
                at: reader.position(.systemDirectory),
                "system_directory \(ConfigurationReader.quoted(systemDirectory)) must not lie "
                    + "inside mount_directory \(ConfigurationReader.quoted(mountDirectory))")
        }
    }

    private mutating func readEndpoints(_ reader: inout ConfigurationReader) {
        let cloud: Cloud = reader.choice(.cloud) ?? .global
        let expectation = "an https URL, or an http URL of this machine"
        graphEndpoint =
            reader.value(.graphEndpoint, expectation, check: Self.endpoint) ?? cloud.graphEndpoint
        loginEndpoint =
            reader.value(.loginEndpoint, expectation, check: Self.endpoint) ?? cloud.loginEndpoint
        readDrive(&reader)
    }

    private mutating func readDrive(_ reader: inout ConfigurationReader) {
        guard let node = reader.node(.drive) else { return }
        guard case .mapping = node.value else {
            let expectation = "me, the id of a drive, or 'site' and 'library' of a SharePoint site"
            drive =
                reader.value(.drive, expectation) { text in
                    if text == "me" { return .own }
                    let isID = text.utf8.allSatisfy {
                        Self.isHostByte($0) || "!_".utf8.contains($0)
                    }
                    return isID ? .id(text) : nil
                } ?? drive
            return
        }
        guard let texts = reader.mapping(node, of: "drive", keys: ["site", "library"]) else {
            return
        }
        guard let site = texts["site"], let authority = URLAuthority(ofURL: Self.siteURL(site)),
            authority.port == nil
        else {
            return reader.report(
                node, "drive: 'site' must be an address such as example.sharepoint.com/sites/team")
        }
        let path = Self.siteURL(site).dropFirst("https://".count + authority.host.count)
        let library = texts["library"].flatMap { $0.isEmpty ? nil : $0 }
        drive = .site(
            host: authority.host, path: String(Self.withoutSlashes(path)), library: library)
    }

    private mutating func readTransfers(_ reader: inout ConfigurationReader) {
        pollInterval = reader.duration(.pollInterval, from: .seconds(1)) ?? pollInterval
        uploadDelay = reader.duration(.uploadDelay, from: .zero) ?? uploadDelay
        uploadLimit = reader.rate(.uploadLimit)
        downloadLimit = reader.rate(.downloadLimit)
        connections = reader.integer(.connections, in: 1...64) ?? connections
        cacheLimit = reader.size(.cacheLimit)
        keepFree = reader.node(.keepFree) == nil ? keepFree : reader.size(.keepFree) ?? 0
        noHydrate = reader.list(.noHydrate) ?? noHydrate
    }

    private mutating func readPolicies(_ reader: inout ConfigurationReader) {
        deleteGuard = reader.integer(.deleteGuard, in: 0...1_000_000_000) ?? deleteGuard
        exclude = reader.list(.exclude) ?? exclude
        names = reader.choice(.names) ?? names
        remoteLocks = reader.choice(.remoteLocks) ?? remoteLocks
        readOnly = reader.boolean(.readOnly) ?? readOnly
        allowOther = reader.boolean(.allowOther) ?? allowOther
    }

    // MARK: Forms of text

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E: true
        default: false
        }
    }

    private static func endpoint(_ text: String) -> String? {
        guard let authority = URLAuthority(ofURL: text), authority.isPrivate,
            !text.contains(where: { "?#".contains($0) })
        else { return nil }
        return String(withoutSlashes(text[...]))
    }

    private static func siteURL(_ site: String) -> String {
        site.hasPrefix("https://") ? site : "https://" + site
    }

    private static func withoutSlashes(_ text: Substring) -> Substring {
        var text = text
        while text.last == "/" { text = text.dropLast() }
        return text
    }
}

extension ConfigurationReader {
    /// The longest duration that makes sense anywhere.
    private static let longest = Duration.seconds(7 * 86_400)

    fileprivate mutating func duration(
        _ key: ConfigurationKey, from least: Duration
    ) -> Duration? {
        value(key, "a duration from \(least == .zero ? "0s" : "1s") to 7d such as 30s or 5m") {
            text in
            guard let count = Quantity.parse(text, units: Quantity.timeUnits) else { return nil }
            let duration = Duration.nanoseconds(count)
            return (least...Self.longest).contains(duration) ? duration : nil
        }
    }

    /// Reads a number of bytes.
    ///
    /// Nil also stands for no limit.
    fileprivate mutating func size(_ key: ConfigurationKey) -> Int64? {
        let size = value(key, "a size such as 20GiB, or off") { text -> Int64? in
            text.lowercased() == "off" ? -1 : Quantity.parse(text, units: Quantity.sizeUnits)
        }
        return size == -1 ? nil : size
    }

    /// Reads bytes per second.
    ///
    /// Nil also stands for no limit.
    fileprivate mutating func rate(_ key: ConfigurationKey) -> Int64? {
        let rate = value(key, "a rate such as 500KiB/s or 2MB/s, or off") { text -> Int64? in
            if text.lowercased() == "off" { return 0 }
            let size = text.hasSuffix("/s") ? String(text.dropLast(2)) : text
            return Quantity.parse(size, units: Quantity.sizeUnits)
        }
        return rate == 0 ? nil : rate
    }
}
