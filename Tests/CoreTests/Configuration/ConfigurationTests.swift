import Core
import Testing

@Suite("Configuration")
struct ConfigurationTests {
    static let environment = ConfigurationEnvironment(
        homeDirectory: "/home/user", workingDirectory: "/home/user/work",
        dataDirectory: "/home/user/.local/share")

    /// A document with one entry per line, and a `client_id` before them.
    private func document(_ entries: [(String, YAMLNode.Value)]) -> YAMLNode {
        let all = [("client_id", YAMLNode.Value.scalar("app", isPlain: true))] + entries
        let nodes = all.enumerated().map { index, entry in
            YAMLNode.Entry(
                key: YAMLNode(
                    .scalar(entry.0, isPlain: true), at: TextPosition(line: index + 1, column: 1)),
                value: YAMLNode(entry.1, at: TextPosition(line: index + 1, column: 9)))
        }
        return YAMLNode(.mapping(nodes), at: TextPosition(line: 1, column: 1))
    }

    private func interpret(_ key: String, _ text: String) -> Result<
        Configuration, ConfigurationProblems
    > {
        Configuration.interpret(
            document([(key, .scalar(text, isPlain: true))]), in: Self.environment)
    }

    private func problems(_ node: YAMLNode?) -> [String] {
        switch Configuration.interpret(node, in: Self.environment) {
        case .success: []
        case .failure(let failure): failure.problems.map { $0.text(file: "c.yml") }
        }
    }

    @Test("the client id alone is enough")
    func defaults() throws {
        let configuration = try Configuration.interpret(document([]), in: Self.environment).get()
        #expect(
            configuration
                == Configuration(
                    clientID: "app", systemDirectory: "/home/user/.local/share/onedrive",
                    mountDirectory: "/home/user/OneDrive"))
        #expect(configuration.graphEndpoint == "https://graph.microsoft.com")
        #expect(configuration.loginEndpoint == "https://login.microsoftonline.com")
        #expect(!configuration.holdsSecret)
    }

    @Test("empty values are those that are not there")
    func emptyValues() throws {
        let entries = ConfigurationKey.allCases.filter { $0 != .clientID }.enumerated().map {
            ($1.rawValue, YAMLNode.Value.scalar($0 % 2 == 0 ? "" : "~", isPlain: $0 % 2 == 1))
        }
        let empty = try Configuration.interpret(document(entries), in: Self.environment).get()
        #expect(
            empty == (try Configuration.interpret(document([]), in: Self.environment).get()))
    }

    /// A line of a file and what it changes in the configuration.
    private static let acceptedValues:
        [(
            key: String, text: String, change: @Sendable (inout Configuration) -> Void
        )] = [
            ("client_secret", "s e:c#r'et", { $0.clientSecret = "s e:c#r'et" }),
            ("cookie", "ESTSAUTH=a; b=c", { $0.cookie = "ESTSAUTH=a; b=c" }),
            (
                "redirect_uri", "http://localhost:8080/auth",
                { $0.redirectURI = "http://localhost:8080/auth" }
            ),
            ("scope", "Files.Read offline_access", { $0.scope = "Files.Read offline_access" }),
            ("tenant", "example.onmicrosoft.com", { $0.tenant = "example.onmicrosoft.com" }),
            ("system_directory", "/var/x/", { $0.systemDirectory = "/var/x" }),
            ("system_directory", "./x/../y", { $0.systemDirectory = "/home/user/work/y" }),
            ("system_directory", "~/a//b", { $0.systemDirectory = "/home/user/a/b" }),
            ("mount_directory", "../../../../x", { $0.mountDirectory = "/x" }),
            ("mount_directory", "~user", { $0.mountDirectory = "/home/user/work/~user" }),
            ("log_level", "TRACE", { $0.logLevel = .trace }),
            ("log_level", "critical", { $0.logLevel = .critical }),
            (
                "cloud", "us-dod",
                {
                    $0.graphEndpoint = "https://dod-graph.microsoft.us"
                    $0.loginEndpoint = "https://login.microsoftonline.us"
                }
            ),
            (
                "cloud", "china",
                {
                    $0.graphEndpoint = "https://microsoftgraph.chinacloudapi.cn"
                    $0.loginEndpoint = "https://login.partner.microsoftonline.cn"
                }
            ),
            (
                "graph_endpoint", "http://127.0.0.1:8080/",
                { $0.graphEndpoint = "http://127.0.0.1:8080" }
            ),
            (
                "login_endpoint", "https://proxy.example/x//",
                { $0.loginEndpoint = "https://proxy.example/x" }
            ),
            ("drive", "me", { $0.drive = DriveSelection.own }),
            ("drive", "b!a-B_9", { $0.drive = DriveSelection.id("b!a-B_9") }),
            ("poll_interval", "5m", { $0.pollInterval = Duration.seconds(300) }),
            ("poll_interval", "1.5h", { $0.pollInterval = Duration.seconds(5400) }),
            ("upload_delay", "0", { $0.uploadDelay = Duration.zero }),
            ("upload_delay", "250 ms", { $0.uploadDelay = Duration.milliseconds(250) }),
            ("delete_guard", "0", { $0.deleteGuard = 0 }),
            ("upload_limit", "500KiB/s", { $0.uploadLimit = Int64(512_000) }),
            ("upload_limit", "0.5 TB", { $0.uploadLimit = Int64(500_000_000_000) }),
            ("download_limit", "2MB", { $0.downloadLimit = Int64(2_000_000) }),
            ("connections", "64", { $0.connections = 64 }),
            ("exclude", "*.iso", { $0.exclude = ["*.iso"] }),
            ("names", "reject", { $0.names = NamePolicy.reject }),
            ("remote_locks", "Checkout", { $0.remoteLocks = .checkout }),
            ("remote_locks", "off", { $0.remoteLocks = .off }),
            ("read_only", "yes", { $0.readOnly = true }),
            ("allow_other", "True", { $0.allowOther = true }),
        ]

    @Test("values that are accepted", arguments: acceptedValues)
    func accepted(
        key: String, text: String, change: @Sendable (inout Configuration) -> Void
    ) throws {
        var expected = try Configuration.interpret(document([]), in: Self.environment).get()
        change(&expected)
        #expect(try interpret(key, text).get() == expected)
    }

    @Test(
        "limits of the transfer rate can be switched off", arguments: ["off", "OFF", "0", "0B/s"])
    func noLimit(text: String) throws {
        #expect(try interpret("upload_limit", text).get().uploadLimit == nil)
    }

    @Test(
        "values that are refused, with what to write instead",
        arguments: [
            (
                "log_level", "TRAC",
                "must be one of CRITICAL, ERROR, WARNING, NOTICE, INFO, DEBUG, TRACE — did you mean 'TRACE'?"
            ),
            ("log_level", "loud", "TRACE"),
            ("names", "mapp", "must be one of map, reject — did you mean 'map'?"),
            ("cloud", "us_gov", "did you mean 'us-gov'?"),
            ("graph_endpoint", "http://graph.microsoft.com", "must be an https URL"),
            ("graph_endpoint", "http://127.0.0.1.example", "must be an https URL"),
            ("login_endpoint", "login", "must be an https URL"),
            ("login_endpoint", "https://a/?b", "must be an https URL"),
            ("poll_interval", "30", "must be a duration from 1s to 7d such as 30s or 5m"),
            ("poll_interval", "0s", "must be a duration"),
            ("poll_interval", "8d", "must be a duration"),
            ("poll_interval", "-1s", "must be a duration"),
            ("upload_delay", "1.s", "must be a duration"),
            ("upload_delay", ".s", "must be a duration"),
            ("upload_delay", "1.0000000001s", "must be a duration"),
            ("upload_delay", "1s2", "must be a duration"),
            ("upload_limit", "fast", "must be a rate such as 500KiB/s or 2MB/s, or off"),
            ("upload_limit", "10", "must be a rate"),
            ("upload_limit", "99999999TiB", "must be a rate"),
            ("upload_limit", "9223372036854775808B", "must be a rate"),
            ("upload_limit", "٣GiB", "must be a rate"),
            ("connections", "0", "must be a whole number from 1 to 64"),
            ("connections", "1e3", "must be a whole number"),
            ("delete_guard", "-1", "must be a whole number"),
            ("remote_locks", "always", "must be one of off, checkout"),
            ("read_only", "maybe", "must be true or false"),
            ("drive", "my drive", "must be me, the id of a drive"),
            ("tenant", "a/b", "must be a tenant's id"),
            ("redirect_uri", "localhost", "must be an absolute URL"),
            (
                "mount_directory", "~/.local/share/onedrive/x",
                "must not lie inside system_directory"
            ),
            ("mount_directory", "~/.local/share/onedrive", "must not lie inside system_directory"),
            ("mount_directory", "~/.local", "must not lie inside mount_directory"),
            ("system_directory", "/home/user/OneDrive/x", "must not lie inside mount_directory"),
            ("mount_directory", "a\nb", "control characters are not allowed"),
        ])
    func refused(key: String, text: String, message: String) throws {
        let lines = problems(document([(key, .scalar(text, isPlain: true))]))
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(line.contains(message), "\(line)")
        #expect(line.contains(key))
    }

    @Test("a folder beside the other is not inside it")
    func siblings() throws {
        let configuration = try Configuration.interpret(
            document([
                ("system_directory", .scalar("/a/onedrive", isPlain: true)),
                ("mount_directory", .scalar("/a/onedrive2", isPlain: true)),
            ]), in: Self.environment
        ).get()
        #expect(configuration.mountDirectory == "/a/onedrive2")
    }

    @Test(
        "unknown keys, with the key that was meant",
        arguments: [
            ("clinet_id", "c.yml:2:1: unknown key 'clinet_id' — did you mean 'client_id'?"),
            (
                "client-secret",
                "c.yml:2:1: unknown key 'client-secret' — did you mean 'client_secret'?"
            ),
            (
                "Mount_Directory",
                "c.yml:2:1: unknown key 'Mount_Directory' — did you mean 'mount_directory'?"
            ),
            ("loglevel", "c.yml:2:1: unknown key 'loglevel' — did you mean 'log_level'?"),
            ("banana", "c.yml:2:1: unknown key 'banana'"),
            ("", "c.yml:2:1: unknown key ''"),
            ("a\u{1B}[31m", "c.yml:2:1: unknown key 'a\u{FFFD}[31m'"),
        ])
    func unknownKeys(key: String, line: String) {
        #expect(problems(document([(key, .scalar("x", isPlain: true))])) == [line])
    }

    @Test("a secret is never repeated in a message", arguments: ["client_secret", "cookie"])
    func secrets(key: String) {
        let lines = problems(document([(key, .scalar("hush\u{7}", isPlain: false))]))
        #expect(lines.count == 1)
        #expect(!lines.joined().contains("hush"))
    }

    @Test("all problems are told, in the order of the file")
    func severalProblems() {
        let lines = problems(
            document([
                ("mount_directory", .sequence([])),
                ("connections", .scalar("x", isPlain: true)),
                ("name", .scalar("x", isPlain: true)),
                ("client_id", .scalar("again", isPlain: true)),
            ]))
        #expect(
            lines == [
                "c.yml:2:9: mount_directory: a single value is expected here",
                "c.yml:3:9: connections: 'x' must be a whole number from 1 to 64",
                "c.yml:4:1: unknown key 'name' — did you mean 'names'?",
                "c.yml:5:1: 'client_id' is set twice, first in line 1",
            ])
    }

    @Test("a missing client id is told, whatever the file holds")
    func missingClientID() {
        let missing =
            "c.yml:1:1: 'client_id' is missing: the application (client) id of an app registration"
        let place = TextPosition(line: 1, column: 1)
        #expect(problems(nil) == [missing])
        #expect(problems(YAMLNode(.scalar("", isPlain: true), at: place)) == [missing])
        #expect(problems(YAMLNode(.mapping([]), at: place)) == [missing])
        #expect(
            problems(YAMLNode(.scalar("x", isPlain: true), at: place)) == [
                "c.yml:1:1: a configuration is a list of lines 'key: value'", missing,
            ])
    }

    @Test("lists")
    func lists() throws {
        func text(_ text: String) -> YAMLNode {
            YAMLNode(.scalar(text, isPlain: true), at: TextPosition(line: 2, column: 3))
        }
        let configuration = try Configuration.interpret(
            document([("exclude", .sequence([text("*.tmp"), text("build")]))]),
            in: Self.environment
        ).get()
        #expect(configuration.exclude == ["*.tmp", "build"])
        #expect(
            problems(document([("exclude", .sequence([text("")]))])) == [
                "c.yml:2:3: exclude: an entry of the list is empty"
            ])
        #expect(
            problems(document([("exclude", .mapping([]))])) == [
                "c.yml:2:9: exclude: a list is expected here"
            ])
    }

    @Test(
        "a SharePoint library",
        arguments: [
            (
                ["site": "x.sharepoint.com"],
                DriveSelection.site(host: "x.sharepoint.com", path: "", library: nil)
            ),
            (
                ["site": "https://X.sharepoint.com/sites/Team/", "library": "Documents"],
                .site(host: "x.sharepoint.com", path: "/sites/Team", library: "Documents")
            ),
            (["library": "Documents"], nil),
            (["site": "a b"], nil),
            (["site": "http://x.sharepoint.com/"], nil),
            (["site": "x.sharepoint.com", "libary": "Documents"], nil),
        ] as [([String: String], DriveSelection?)])
    func sites(fields: [String: String], expected: DriveSelection?) {
        let place = TextPosition(line: 3, column: 3)
        let entries = fields.sorted { $0.key < $1.key }.map { key, value in
            YAMLNode.Entry(
                key: YAMLNode(.scalar(key, isPlain: true), at: place),
                value: YAMLNode(.scalar(value, isPlain: true), at: place))
        }
        let result = Configuration.interpret(
            document([("drive", .mapping(entries))]), in: Self.environment)
        #expect((try? result.get())?.drive == expected)
    }
}
