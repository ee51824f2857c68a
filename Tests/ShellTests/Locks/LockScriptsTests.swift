import Foundation
import Glibc
import Testing

/// Random scripts of locks, unlocks, forks, duplicates, closes, execs, exits and signals, played by
/// real processes on a mounted drive and in a plain directory: every call returns the same.
///
/// `LOCK_SCRIPTS` in the environment sets how many, `LOCK_SCRIPTS_SEED` where to start.
@Suite(.enabled(if: TestMount.isPossible, "needs /dev/fuse"), .timeLimit(.minutes(15)))
struct LockScriptsTests {
    private static func setting(_ name: String, _ otherwise: String) -> String {
        ProcessInfo.processInfo.environment[name] ?? otherwise
    }

    @Test("locks behave as on a local disk (S29), and none is left in the end")
    func scripts() async throws {
        let count = Self.setting("LOCK_SCRIPTS", "40")
        let seed = Self.setting("LOCK_SCRIPTS_SEED", "1")
        try await onThread {
            let directory = try TemporaryDirectory()
            let status = try Child(
                """
                exec >"\(directory.path)/output" 2>&1
                set -eu; cd "\(directory.path)"
                PATH="\(UserScript.programs):$PATH"
                mkdir plain; mkfifo log; exec 4<>log
                { onedrive start --demo --directory demo || true; echo ended; } >log 2>&1 &
                while read -r line <&4; do
                    echo "$line"
                    case "$line" in
                    *"is mounted on"*) break ;;
                    ended) exit 3 ;;
                    esac
                done
                trap 'kill "$(cat demo/state/onedrive.lock)"; wait' EXIT
                mkdir demo/OneDrive/scripts
                LockScripts plain demo/OneDrive/scripts \(seed) \(count)
                onedrive -c demo/config.yml locks | grep -x 'No locks.'
                """
            ).wait()
            let output = String(decoding: try directory.bytes(of: "output"), as: UTF8.self)
            #expect(status == 0, "\(output)")
        }
    }
}
