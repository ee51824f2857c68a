import Core
import Glibc
import Shell
import Testing

@Suite("Credential store")
struct CredentialStoreTests {
    private static let credentials = Credentials(
        clientID: "app", refreshToken: "r", accessToken: "a",
        accessTokenExpires: Timestamp(seconds: 1_800_000_000), scope: "s", driveID: "d")

    /// Runs a body with an empty folder, and removes it with all that is in it.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/onedrive-test-XXXXXX".utf8CString)
        let pointer = try #require(mkdtemp(&template))
        let path = String(cString: pointer)
        defer {
            for name in ["credentials.json", "credentials.json.new", "other"] {
                unlink("\(path)/\(name)")
            }
            rmdir(path)
        }
        try body(path)
    }

    private func write(_ text: String, to path: String, mode: mode_t) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        fchmod(descriptor, mode)
        let bytes = Array(text.utf8)
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    @Test("what is saved is loaded, readable by its owner only, until it is removed")
    func roundTrip() throws {
        try withDirectory { directory in
            let store = CredentialStore(directory: directory)
            #expect(try store.load() == nil)
            try store.save(Self.credentials)
            #expect(try store.load() == Self.credentials)
            #expect(mode(directory + "/credentials.json") == 0o600)
            var renewed = Self.credentials
            renewed.refreshToken = "r2"
            try store.save(renewed)
            #expect(try store.load() == renewed)
            #expect(mode(directory + "/credentials.json.new") == 0)
            try store.remove()
            try store.remove()
            #expect(try store.load() == nil)
        }
    }

    @Test("a file that others may read is closed to them")
    func openFile() throws {
        try withDirectory { directory in
            let store = CredentialStore(directory: directory)
            try store.save(Self.credentials)
            chmod(directory + "/credentials.json", 0o644)
            #expect(try store.load() == Self.credentials)
            #expect(mode(directory + "/credentials.json") == 0o600)
        }
    }

    @Test("what a crash left behind is no hindrance, and a link is not followed")
    func leftovers() throws {
        try withDirectory { directory in
            let store = CredentialStore(directory: directory)
            try write("half", to: directory + "/other", mode: 0o644)
            symlink(directory + "/other", directory + "/credentials.json.new")
            try store.save(Self.credentials)
            #expect(try store.load() == Self.credentials)
            let other = open(directory + "/other", O_RDONLY | O_CLOEXEC)
            defer { close(other) }
            var buffer = [UInt8](repeating: 0, count: 100)
            #expect(read(other, &buffer, buffer.count) == 4)
            unlink(directory + "/credentials.json")
            symlink(directory + "/other", directory + "/credentials.json")
            #expect(throws: CredentialStoreFailure.self) { try store.load() }
        }
    }

    @Test(
        "other files are damaged ones, never an empty sign-in", arguments: ["", "{", "{}", "[1]"])
    func damage(text: String) throws {
        try withDirectory { directory in
            let path = directory + "/credentials.json"
            try write(text, to: path, mode: 0o600)
            #expect(throws: CredentialStoreFailure.damaged(path: path)) {
                try CredentialStore(directory: directory).load()
            }
        }
    }

    @Test("a folder that is not there is a clear failure")
    func missingDirectory() throws {
        let store = CredentialStore(directory: "/nowhere")
        let expected = CredentialStoreFailure.system(
            operation: "open", path: "/nowhere/credentials.json", errorNumber: ENOENT)
        #expect(throws: expected) { try store.save(Self.credentials) }
        #expect("\(expected)" == "/nowhere/credentials.json: open: No such file or directory")
    }
}
