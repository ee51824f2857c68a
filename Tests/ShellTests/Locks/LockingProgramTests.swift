import Core
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Shell
import Testing

/// Programs that rely on locks and on atomic renames, several at a time, on a mount.
@Suite(
    "Programs that lock",
    .enabled(if: TestMount.isPossible, "/dev/fuse cannot be opened"), .timeLimit(.minutes(15)))
struct LockingProgramTests {
    @Test("S29: several processes change one SQLite database", arguments: ["delete", "wal"])
    func sqlite(journal: String) async throws {
        try await ClientWorld.with { world throws in
            try world.shell(
                """
                test "$(sqlite3 data.db 'PRAGMA journal_mode=\(journal)')" = \(journal)
                sqlite3 data.db 'CREATE TABLE t(who, n); CREATE TABLE sum(n); INSERT INTO sum VALUES(0)'
                for who in 1 2 3; do
                    (for n in 1 2 3 4 5 6 7 8; do
                        sqlite3 -bail -cmd '.timeout 120000' data.db "
                            BEGIN IMMEDIATE; INSERT INTO t VALUES($who, $n);
                            UPDATE sum SET n = (SELECT n FROM sum) + $n; COMMIT;" || echo >> failed
                        sqlite3 -cmd '.timeout 120000' data.db \\
                            'SELECT (SELECT n FROM sum) = (SELECT sum(n) FROM t)' >> sums
                    done) &
                done
                wait
                test ! -e failed; test "$(sort -u sums)" = 1; rm sums
                """)
            let query = "SELECT count(*), sum(n) FROM t; SELECT n FROM sum; PRAGMA integrity_check;"
            let sums = try world.shell("sqlite3 data.db '\(query)'")
            #expect(sums == "24|108\n108\nok\n")
            try world.expectAgreement { $0.hasSuffix("-wal") || $0.hasSuffix("-shm") }
            // What went up is a database, too.
            try Calls.write(
                world.host.withService { $0.content("data.db")?.bytes ?? [] },
                to: world.path + "/copy.db")
            #expect(try world.shell("sqlite3 ../copy.db '\(query)'") == sums)
        }
    }

    @Test("S29: a process that is killed in a transaction leaves a database that is whole")
    func killedWriter() async throws {
        try await ClientWorld.with { world throws in
            try world.shell(
                """
                sqlite3 data.db 'CREATE TABLE t(n); INSERT INTO t VALUES(1)'
                mkfifo ../wait
                sqlite3 data.db < ../wait & writer=$!
                exec 9> ../wait
                echo 'BEGIN EXCLUSIVE; INSERT INTO t VALUES(2);' >&9
                echo '.shell touch ../locked' >&9
                while [ ! -e ../locked ]; do :; done
                test "$(sqlite3 data.db 'SELECT * FROM t' 2>&1 | grep -c locked)" = 1
                kill -9 $writer; wait $writer 2> /dev/null || true
                test "$(sqlite3 data.db 'SELECT * FROM t; PRAGMA integrity_check')" = "1\nok"
                """)
            #expect(try world.onedrive("locks").output == "No locks.\n")
            try world.expectAgreement()
        }
    }

    @Test(
        "git commits from two work trees of one repository at once, packs, checks and goes up whole"
    )
    func git() async throws {
        try await ClientWorld.with { world throws in
            let text = try world.shell(
                """
                export GIT_AUTHOR_NAME=S GIT_AUTHOR_EMAIL=s@example.org
                export GIT_COMMITTER_NAME=S GIT_COMMITTER_EMAIL=s@example.org
                git init -q -b main repository; cd repository
                echo first > first; git add .; git commit -q -m first
                git worktree add -q -b one ../one; git worktree add -q -b two ../two
                for tree in one two; do
                    (cd ../$tree; for n in 1 2 3 4 5; do
                        echo $n > $tree-$n; git add .; git commit -q -m "$tree $n"
                    done) &
                done
                wait
                git merge -q one; git merge -q -m both two
                git gc -q; git fsck --full --strict; git rev-list --count HEAD; git status --short; ls
                """)
            #expect(
                text == "12\nfirst\n"
                    + ["one", "two"].map { tree in
                        (1...5).map { "\(tree)-\($0)\n" }.joined()
                    }.joined())
            try world.expectAgreement()
        }
    }

    @Test("S29: flock(1) keeps processes from each other")
    func flock() async throws {
        try await ClientWorld.with { world throws in
            let text = try world.shell(
                """
                echo 0 > count; : > lock
                for who in 1 2 3 4; do
                    (for n in 1 2 3 4 5 6 7 8; do
                        flock lock sh -c 'n=$(cat count); echo $((n + 1)) > count.new; mv count.new count'
                    done) &
                done
                wait
                cat count
                flock lock sh -c 'flock -n lock true || echo taken; flock -w 0.01 lock true || echo taken'
                flock -s lock sh -c 'flock -s -n lock echo shared; flock -n -x lock true || echo taken'
                """)
            #expect(text == "32\ntaken\ntaken\nshared\ntaken\n")
            try world.expectAgreement()
        }
    }

    @Test("S29, S30: a mail spool keeps every message, by lock and by name")
    func spool() async throws {
        try await ClientWorld.with { world throws in
            let text = try world.shell(
                """
                : > spool
                deliver() {
                    # Two locks, as mail programs take them: something that only one can make, and a
                    # lock on the spool itself.
                    until mkdir spool.lock 2> /dev/null; do sleep 0.01; done
                    flock spool sh -c "printf 'From %s\\nmessage %s\\n\\n' $1 $2 >> spool"
                    rmdir spool.lock
                }
                for who in 1 2 3 4; do
                    (for n in 1 2 3 4 5 6 7 8; do deliver $who $n; done) &
                done
                # The reader takes all that is there, under the same locks, again and again.
                (while [ ! -e done ]; do
                    if mkdir spool.lock 2> /dev/null; then
                        flock spool sh -c 'cat spool >> inbox; : > spool'
                        rmdir spool.lock
                    fi
                    sleep 0.02
                done) & reader=$!
                for job in $(jobs -p); do [ $job = $reader ] || wait $job; done
                touch done; wait
                cat spool >> inbox; rm done
                grep -c From inbox; grep message inbox | sort | uniq -c | sort -u | wc -l; wc -l < inbox
                """)
            #expect(text == "32\n8\n96\n")
            try world.expectAgreement()
        }
    }
}
