import ArgumentParser
import Core
import Shell

/// Signs in.
struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Sign in to OneDrive.",
        discussion: """
            Opens the sign-in page in a browser and waits for it to come back. On a machine \
            without one, use --device-code. With 'cookie' in the configuration it needs no hands.
            """)

    @OptionGroup var options: CommonOptions
    @Flag(help: "Sign in on another device, with a code shown here.") var deviceCode = false

    func run() async throws {
        let configuration = try options.configuration()
        try await ending { () async throws(ClientError) in
            let session = try SignInSession(configuration)
            let way: SignInWay =
                deviceCode ? .deviceCode : configuration.cookie == nil ? .browser : .cookie
            let begin = ContinuousClock.now
            let progress = ProgressDisplay {
                "waiting for the sign-in, \((ContinuousClock.now - begin).components.seconds) s; "
                    + "Ctrl-C gives up"
            }
            defer { progress?.stop() }
            try await session.signIn(way, show: Self.show)
        }
        guard let answer = try RunningClient(configuration).peek(.signInChanged) else {
            Terminal.say("Signed in. 'onedrive start' mounts the drive.")
            return
        }
        if let error = answer["error"]?.string {
            Terminal.complain("signed in, but the running client does not take it: \(error)")
            throw ExitStatus.failure.code
        }
        Terminal.say("Signed in: \(answer["message"]?.string ?? "").")
    }

    @Sendable private static func show(_ notice: SignIn.Notice) {
        switch notice {
        case .open(let url):
            Terminal.say("Open this page to sign in:\n\n  \(url)\n")
            if Browser.open(url, variables: Environment.variables) {
                Terminal.say("A browser was started with it.")
            }
        case .enter(let code, let address):
            Terminal.say("On any device, open \(address) and enter the code  \(code)")
        }
    }
}

/// Signs out: forgets the tokens of this device.
struct LogoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout",
        abstract: "Forget the sign-in of this device. Files and state stay.")

    @OptionGroup var options: CommonOptions
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        let configuration = try options.configuration()
        let wasSignedIn = try await ending { () async throws(ClientError) in
            try SignInSession(configuration).signOut()
        }
        _ = try RunningClient(configuration).peek(.signInChanged)
        if answer.json {
            Terminal.say(["version": 1, "wasSignedIn": .boolean(wasSignedIn)])
        } else {
            Terminal.say(wasSignedIn ? "Signed out." : "Nobody was signed in.")
        }
    }
}

/// Runs what may fail for a reason that the user should hear, and ends with the status for it.
func ending<Value>(_ body: () async throws(ClientError) -> Value) async throws -> Value {
    do throws(ClientError) {
        return try await body()
    } catch {
        Terminal.complain(error.description)
        throw error.exitStatus.code
    }
}
