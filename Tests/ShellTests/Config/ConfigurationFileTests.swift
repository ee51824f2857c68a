import Core
import Glibc
import Shell
import Testing

@Suite("Configuration file")
struct ConfigurationFileTests {
    private static let environment = ConfigurationEnvironment(
        homeDirectory: "/home/user", workingDirectory: "/work", dataDirectory: "/data")

    /// Runs a body with a file of that content and mode, and removes it.
    private func withFile<Value>(
        _ bytes: some Collection<UInt8>, mode: mode_t = 0o600, body: (String) throws -> Value
    ) throws -> Value {
        var path = Array("/tmp/onedrive-test-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        try #require(descriptor >= 0)
        defer {
            close(descriptor)
            unlink(path)
        }
        fchmod(descriptor, mode)
        let content = Array(bytes)
        try #require(write(descriptor, content, content.count) == content.count)
        return try body(
            String(decoding: path.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    private func load(_ text: String, mode: mode_t = 0o600) throws -> ConfigurationFile {
        try withFile(text.utf8, mode: mode) {
            try ConfigurationFile(path: $0, environment: Self.environment)
        }
    }

    /// The problems of a file, as `line:column: message`.
    private func problems(_ bytes: some Collection<UInt8>) throws -> [String] {
        try withFile(bytes) { path in
            do {
                _ = try ConfigurationFile(path: path, environment: Self.environment)
                return []
            } catch let failure as ConfigurationFileFailure {
                return failure.lines.map { String($0.dropFirst(path.count + 1)) }
            }
        }
    }

    static let original = """
        # onedrive configuration
        client_id: 01234567-89ab-cdef-0123-456789abcdef
        client_secret: "abc~DEF.123"
        redirect_uri: http://localhost:8080/callback
        cookie: 'ESTSAUTHPERSISTENT=0.AAAA; x=y'
        system_directory: ./system
        mount_directory: mount   # relative to where it starts
        log_level: DEBUG
        """

    @Test("the file of the original project works unchanged")
    func original() throws {
        let file = try load(Self.original)
        var expected = Configuration(
            clientID: "01234567-89ab-cdef-0123-456789abcdef", systemDirectory: "/work/system",
            mountDirectory: "/work/mount")
        expected.clientSecret = "abc~DEF.123"
        expected.redirectURI = "http://localhost:8080/callback"
        expected.cookie = "ESTSAUTHPERSISTENT=0.AAAA; x=y"
        expected.logLevel = .debug
        expected.file = file.configuration.file
        #expect(file.configuration == expected)
        #expect(file.warnings == [])
    }

    @Test("all forms of YAML are read")
    func forms() throws {
        let file = try load(
            """
            \u{FEFF}---
            {client_id: app, "exclude": ['*.iso', "a\\tb" ],}
            ...
            """.replacing("a\\tb", with: "a b"))
        #expect(file.configuration.exclude == ["*.iso", "a b"])
        let block = try load(
            """
            client_id: >-
              app
            drive:
              site: x.sharepoint.com/sites/a
              library: Documents
            exclude:
            - one
            -   two
            """)
        #expect(block.configuration.clientID == "app")
        #expect(block.configuration.exclude == ["one", "two"])
        #expect(
            block.configuration.drive
                == .site(host: "x.sharepoint.com", path: "/sites/a", library: "Documents"))
    }

    @Test(
        "a file with a secret that others may read is warned about",
        arguments: [
            ("client_id: a", 0o644, 0), ("client_id: a\ncookie: b", 0o600, 0),
            ("client_id: a\ncookie: b", 0o640, 1), ("client_id: a\nclient_secret: b", 0o604, 1),
        ] as [(String, mode_t, Int)])
    func permissions(text: String, mode: mode_t, count: Int) throws {
        let warnings = try load(text, mode: mode).warnings
        #expect(warnings.count == count)
        #expect(warnings.allSatisfy { $0.contains("chmod 600") })
    }

    @Test(
        "problems have the place where they are",
        arguments: [
            (
                "client_id: a\n  clinet_id: b",
                ["2:12: no valid YAML: mapping values are not allowed in this context"]
            ),
            (
                "client_id: a\nlog_lvel: INFO\nnames:   x\n",
                [
                    "2:1: unknown key 'log_lvel' — did you mean 'log_level'?",
                    "3:10: names: 'x' must be one of map, reject",
                ]
            ),
            (
                "client_id: a\ncookie: \"b",
                [
                    "2:11: no valid YAML: while scanning a quoted scalar, found unexpected end of "
                        + "stream"
                ]
            ),
            (
                "client_id: a\n\tb: c",
                [
                    "2:1: no valid YAML: while scanning a plain scalar, found a tab character that "
                        + "violates indentation"
                ]
            ),
            ("client_id: &x a\ncookie: *x", ["2:9: aliases are not supported"]),
            ("client_id: a\n---\nclient_id: b", ["2:1: a second document begins here"]),
            (
                "# only a comment\n",
                ["1:1: 'client_id' is missing: the application (client) id of an app registration"]
            ),
            (
                "client_id: ä: b",
                ["1:13: no valid YAML: mapping values are not allowed in this context"]
            ),
            ("? [a]\n: b\nclient_id: c", ["1:3: a key must be a word"]),
            ("client_id: [a]", ["1:12: client_id: a single value is expected here"]),
        ])
    func places(text: String, expected: [String]) throws {
        let found = try problems(text.utf8)
        #expect(found == expected)
    }

    @Test("bytes that are no text have a place, too")
    func brokenText() throws {
        let lines = try problems(Array("client_id: a\ncookie: ".utf8) + [0xFF, 0x0A])
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("2:9: no valid text: ") == true)
    }

    @Test("files beyond the limits are refused, not read")
    func limits() throws {
        let large = [UInt8](repeating: 0x23, count: YAMLReader.sizeLimit + 1)
        #expect(try problems(large) == ["1:1: the file is larger than 1 MiB"])
        let deep = "exclude: " + String(repeating: "[", count: 10_000)
        #expect(try problems(deep.utf8) == ["1:25: the lists are nested too deeply"])
        let wide = "exclude: [" + String(repeating: "a,", count: 10_000) + "]"
        let lines = try problems(wide.utf8)
        #expect(lines.count == 1)
        #expect(lines.first?.hasSuffix("the file holds too many values") == true)
    }

    @Test("files that cannot be read")
    func unreadable() {
        #expect(
            throws: ConfigurationFileFailure.unreadable(path: "/nowhere/x", errorNumber: ENOENT)
        ) {
            try ConfigurationFile(path: "/nowhere/x", environment: Self.environment)
        }
        #expect(throws: ConfigurationFileFailure.unreadable(path: "/tmp", errorNumber: EISDIR)) {
            try ConfigurationFile(path: "/tmp", environment: Self.environment)
        }
        #expect(throws: ConfigurationFileFailure.unreadable(path: "/dev/zero", errorNumber: EINVAL))
        {
            try ConfigurationFile(path: "/dev/zero", environment: Self.environment)
        }
    }

    @Test(
        "the standard places",
        arguments: [
            (["HOME": "/h"], "/h/.config/onedrive/config.yml", "/h/.local/share"),
            (
                ["HOME": "/h", "XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d"],
                "/c/onedrive/config.yml", "/d"
            ),
            // The XDG specification has relative paths ignored.
            (
                ["HOME": "/h", "XDG_CONFIG_HOME": "c", "XDG_DATA_HOME": ""],
                "/h/.config/onedrive/config.yml", "/h/.local/share"
            ),
        ])
    func standardPlaces(variables: [String: String], path: String, data: String) {
        #expect(ConfigurationFile.standardPath(environment: variables) == path)
        let environment = ConfigurationEnvironment.current(variables: variables)
        #expect(environment.dataDirectory == data)
        #expect(environment.workingDirectory.hasPrefix("/"))
    }

    @Test("no input makes the reader fail in any other way than by a problem")
    func fuzz() {
        var random = SplitMix(seed: 20_240_229)
        let seed = Array((Self.original + "\nexclude: [a, 'b']\ndrive: {site: x, library: y}").utf8)
        let special = Array(":-{}[]&*!|>'\"%@`#,?\n\t \u{0}".utf8) + [0xFF, 0xC3, 0xED, 0xFE]
        for round in 0..<3000 {
            var bytes =
                round % 3 == 0
                ? (0..<Int(random.next() % 200)).map { _ in UInt8(truncatingIfNeeded: random.next())
                }
                : seed
            if round % 3 != 0 {
                for _ in 0...(random.next() % 8) {
                    let place = Int(random.next() % UInt64(bytes.count))
                    switch random.next() % 4 {
                    case 0: bytes[place] = special[Int(random.next() % UInt64(special.count))]
                    case 1:
                        bytes.insert(special[Int(random.next() % UInt64(special.count))], at: place)
                    case 2: bytes.remove(at: place)
                    default: bytes.removeSubrange(place..<min(place + 20, bytes.count - 1))
                    }
                }
            }
            do throws(ConfigurationProblem) {
                let document = try YAMLReader.read(bytes)
                if case .failure(let failure) = Configuration.interpret(
                    document, in: Self.environment)
                {
                    #expect(failure.problems.allSatisfy { $0.position.line >= 1 }, "\(bytes)")
                }
            } catch {
                #expect(error.position.line >= 1 && error.position.column >= 1, "\(bytes)")
                #expect(!error.message.isEmpty, "\(bytes)")
            }
        }
    }
}

/// A small generator whose sequence depends on nothing but its seed.
private struct SplitMix {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
