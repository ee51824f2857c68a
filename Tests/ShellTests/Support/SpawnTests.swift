import Glibc
import Testing

@Suite("Programs that tests start")
struct SpawnTests {
    /// As in the background, where nobody's Ctrl-C is meant for them.
    @Test("no signal is blocked or ignored in them, whatever holds for the tests")
    func clean() async {
        await #expect(processExitsWith: .success) {
            signal(SIGINT, SIG_IGN)
            signal(SIGQUIT, SIG_IGN)
            var all = sigset_t()
            sigfillset(&all)
            pthread_sigmask(SIG_SETMASK, &all, nil)
            close(0)
            let output = try LinuxCalls.pipe().output
            let children = [
                try Child("kill -INT $$; sleep 600").process,
                try Program.spawn(
                    ["sh", "-c", "kill -INT $$; sleep 600"], in: "/", environment: [:],
                    output: output, errors: output),
            ]
            for child in children { #expect(Program.wait(child) == 128 + SIGINT) }
            #expect(try Child("read -r line; test $? = 1").wait() == 0)
        }
    }
}
