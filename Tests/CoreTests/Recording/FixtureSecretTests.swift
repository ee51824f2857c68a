import Core
import Foundation
import Testing

/// Nothing in `Fixtures` may look like a secret, or tell of a person or a tenant.
struct FixtureSecretTests {
    /// Names that documentation uses, and the pseudonyms of recordings.
    private static let harmless = [
        "example.com", "example.org", "example.invalid", "contoso", "fabrikam", "tenant-",
    ]

    private static let patterns: [(name: String, pattern: String)] = [
        ("a signed token", #"eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]*"#),
        ("an access token", #"[Bb]earer (?!token-\d+\b)[A-Za-z0-9._~+/=-]{12,}"#),
        ("an e-mail address", #"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}[A-Za-z.]*"#),
        ("an address that grants access", #"(?i)(tempauth|access_token|sig)=[A-Za-z0-9%._-]{8,}"#),
        ("a cookie", #"(?i)(ESTSAUTH[A-Z]*|set-cookie|rtfa|fedauth)"#),
        ("a token", #""(access|refresh|id)_token\\?"\s*:\s*\\?"(?!secret-\d+)[^"\\]+"#),
        ("a host of a tenant", #"(?i)[a-z0-9-]+\.(sharepoint|onmicrosoft)\.(com|us|cn)"#),
    ]

    static func findings(in text: String) -> [String] {
        patterns.flatMap { name, pattern -> [String] in
            guard let expression = try? NSRegularExpression(pattern: pattern) else { return [name] }
            let all = NSRange(text.startIndex..., in: text)
            return expression.matches(in: text, range: all).compactMap { match in
                guard let range = Range(match.range, in: text) else { return nil }
                let found = String(text[range])
                let isHarmless = harmless.contains { found.lowercased().contains($0) }
                return isHarmless ? nil : "\(name): \(found.prefix(60))"
            }
        }
    }

    @Test("no fixture holds a secret")
    func fixtures() throws {
        let root = TrafficFixture.root.deletingLastPathComponent()
        let names = try FileManager.default.subpathsOfDirectory(atPath: root.path).sorted()
        #expect(names.count > 100)
        for name in names {
            let file = root.appending(path: name)
            var isFolder: ObjCBool = false
            let isThere = FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder)
            guard isThere, !isFolder.boolValue else { continue }
            let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
            #expect(Self.findings(in: text) == [], "Fixtures/\(name)")
        }
    }

    @Test(
        "the search finds what it is for",
        arguments: [
            "Bearer EwCAA8l6BAAU0123456789", "eyJ0eXAiOiJKV1QiLCJhbGciOiJub25l.e30.x",
            "bob@corp.com", "?tempauth=v1.0123456789", "ESTSAUTHPERSISTENT=1",
            #""access_token":"abc""#, #"\"refresh_token\":\"abc\""#, "corp-my.sharepoint.com",
        ])
    func search(text: String) {
        #expect(!Self.findings(in: text).isEmpty)
    }
}
