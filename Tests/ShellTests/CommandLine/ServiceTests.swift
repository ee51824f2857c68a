import Core
import Foundation
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Shell
import Testing

/// The client as a service of the user: in processes of its own, over the notify protocol.
@Suite(.enabled(if: TestMount.isPossible, "needs /dev/fuse"), .serialized)
struct ServiceTests {
    @Test("it reports ready, lives through kill -9, and stops cleanly")
    func life() async throws {
        let stage = try await Stage(.demo())
        let configuration = try stage.account("one", "upload_delay: 7d")
        let file = configuration.mountDirectory + "/written.txt"
        let first = try await stage.start("one", watchdog: 1_000_000)
        try await onThread {
            #expect(first.hears("WATCHDOG=1"))
            try Data("kept".utf8).write(to: URL(fileURLWithPath: file))
            #expect(first.end(SIGKILL) == SIGKILL)
            // What a killed client leaves behind.
            #expect(open(file, O_RDONLY) < 0 && errno == ENOTCONN)
        }
        // What `Restart=on-failure` does.
        let second = try await stage.start("one")
        try await onThread {
            let kept = try Data(contentsOf: URL(fileURLWithPath: file))
            #expect(kept == Data("kept".utf8))
            kill(second.process.process, SIGHUP)
            #expect(second.hears("RELOADING=1"))
            #expect(second.hears("READY=1"))
            let status = second.end()
            #expect(second.hears("STOPPING=1"))
            #expect(status == 0)
            let left = try FileManager.default.contentsOfDirectory(
                atPath: configuration.mountDirectory)
            #expect(left == [])
        }
        let third = try await stage.start("one")
        let sent = try await stage.run("onedrive -c one.yml sync --wait")
        #expect(sent.status == 0, "\(sent.text)")
        #expect(stage.host.withService { $0.content("written.txt")?.bytes } == Array("kept".utf8))
        let status = try await onThread { third.end() }
        #expect(status == 0)
        await stage.host.stop()
    }

    @Test("a demo reads its configuration again, and ends with its terminal")
    func demo() async throws {
        let directory = try TemporaryDirectory()
        // The terminal is that of script(1); when that is killed, the terminal is gone.
        let outcome = try await UserScript.run(
            """
            mkfifo lines
            script -qfc 'echo $$ >shell; exec onedrive start --demo --directory demo' /dev/null \
                >lines 2>&1 </dev/null &
            terminal=$!
            exec 3<lines
            while read -r line <&3; do case $line in *Ctrl-C*) break ;; esac; done
            client=$(cat shell)
            echo 'no such key: 1' >>demo/config.yml
            kill -HUP "$client"
            while read -r line <&3; do case $line in *'stays as it was'*) echo kept; break ;; esac; done
            sed -i '$d' demo/config.yml
            kill -HUP "$client"
            while read -r line <&3; do case $line in *'read again'*) echo again; break ;; esac; done
            kill -KILL "$terminal"
            timeout 120 tail --pid="$client" -f /dev/null
            mountpoint -q demo/OneDrive || echo unmounted
            """, in: directory)
        #expect(outcome.output == "kept\nagain\nunmounted\n", "\(outcome.text)")
    }

    @Test("started with its streams closed, it does not speak into its own files")
    func closedStreams() async throws {
        let stage = try await Stage(.demo())
        _ = try stage.account("mute")
        let outcome = try await stage.run(
            """
            exec onedrive -c mute.yml start <&- >&- 2>&- &
            until onedrive -c mute.yml sync --wait >wait 2>&1; do kill -0 $! || exit 1; done
            for stream in 0 1 2; do readlink /proc/$!/fd/$stream; done
            kill $!; wait $!
            """)
        #expect(outcome.status == 0, "\(outcome.text)")
        #expect(outcome.output == String(repeating: "/dev/null\n", count: 3))
        await stage.host.stop()
    }

    @Test("two accounts are mounted side by side and know nothing of each other")
    func accounts() async throws {
        var service = GraphService(profile: .business, seed: 1)
        try service.remoteCreateFile("whose.txt", Array("one".utf8), now: .demo)
        let one = try await Stage(service)
        service = GraphService(profile: .personal, seed: 2)
        try service.remoteCreateFile("whose.txt", Array("two".utf8), now: .demo)
        let two = try await Stage(service)
        let stages = [(one, try one.account("first")), (two, try two.account("second"))]
        let clients = [try await one.start("first"), try await two.start("second")]
        for (stage, configuration) in stages {
            let mount = configuration.mountDirectory
            let text = try await onThread {
                let text = try String(contentsOfFile: mount + "/whose.txt", encoding: .utf8)
                try text.write(toFile: mount + "/mine.txt", atomically: false, encoding: .utf8)
                return text
            }
            let name = mount.hasSuffix("first") ? "first" : "second"
            #expect(text == (name == "first" ? "one" : "two"))
            let sent = try await stage.run(
                "onedrive -c \(name).yml sync --wait && onedrive -c \(name).yml status --json")
            #expect(sent.status == 0, "\(sent.text)")
            let status = try JSONValue(parsing: Array(sent.output.utf8))
            // The root and two files.
            #expect(status["items"]?.integer == 3)
            #expect(
                stage.host.withService { $0.content("mine.txt")?.bytes } == Array(text.utf8))
        }
        // A second client on the same state is kept out, and says whom to stop.
        let again = try await one.run("onedrive -c first.yml start")
        #expect(again.status == 75, "\(again.text)")
        #expect(again.errors.contains("\(clients[0].process.process)"))
        // The end of the one is not the end of the other.
        #expect(try await onThread { clients[0].end() } == 0)
        let left = try await two.run("onedrive -c second.yml status")
        #expect(left.status == 0, "\(left.text)")
        #expect(try await onThread { clients[1].end() } == 0)
        await one.host.stop()
        await two.host.stop()
    }

    @Test(
        "systemd finds nothing wrong with the unit",
        .enabled(if: access("/usr/bin/systemd-analyze", X_OK) == 0, "needs systemd-analyze"))
    func unit() async throws {
        let directory = try TemporaryDirectory()
        let outcome = try await UserScript.run(
            """
            export XDG_RUNTIME_DIR="$PWD"
            mkdir units
            sed "s|/usr/local/bin|\(UserScript.programs)|" "\(Repository.path)/Contrib/onedrive.service" \
                >units/onedrive.service
            systemd-analyze --user --man=no verify units/onedrive.service
            """, in: directory)
        // What it finds wrong with other units is no concern of this one.
        let isFaultless = !outcome.errors.contains("onedrive.service")
        #expect(outcome.status == 0 && isFaultless, "\(outcome.text)")
    }
}

extension Timestamp {
    fileprivate static let demo = GraphService.demoTime
}
