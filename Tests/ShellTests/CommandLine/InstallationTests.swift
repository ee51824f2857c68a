import Core
import Foundation
import Glibc
import Shell
import Testing

/// What shells, `man` and `make install` make of the declarations of the command line.
@Suite(.serialized)
struct InstallationTests {
    /// The commands that `onedrive --help` lists.
    private func commands() async throws -> [String] {
        let help = try await UserScript.run("onedrive --help", in: TemporaryDirectory())
        let lines = help.output.split(separator: "\n").drop { $0 != "SUBCOMMANDS:" }.dropFirst()
        return lines.compactMap { line in
            guard line.hasPrefix("  "), !line.hasPrefix("   "), line.contains("   ") else {
                return nil
            }
            return line.split(separator: " ").first.map(String.init)
        }
    }

    @Test("bash completes commands, options and solutions")
    func bash() async throws {
        let outcome = try await UserScript.run(
            """
            onedrive --generate-completion-script bash >script
            bash -ec '
                source ./script
                complete_line() {
                    COMP_LINE=$1 COMP_POINT=${#1}
                    read -ra COMP_WORDS <<<"$1"
                    case $1 in *" ") COMP_WORDS+=("") ;; esac
                    COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
                    _onedrive onedrive "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                    echo "$1: ${COMPREPLY[*]}"
                }
                complete_line "onedrive "
                complete_line "onedrive plan --"
                complete_line "onedrive conflicts keep m"
            '
            """, in: TemporaryDirectory())
        #expect(outcome.status == 0, "\(outcome.text)")
        let lines = outcome.output.split(separator: "\n").map(String.init)
        try #require(lines.count == 3, "\(outcome.text)")
        for command in try await commands() { #expect(lines[0].contains(" \(command)")) }
        for option in ["--dry-run", "--json", "--explain", "--fixture"] {
            #expect(lines[1].contains(option))
        }
        #expect(lines[2].hasSuffix(": mine"), "\(lines[2])")
    }

    @Test(
        "the scripts for other shells name every command, and the shells take them",
        arguments: ["zsh", "fish"])
    func others(_ shell: String) async throws {
        let outcome = try await UserScript.run(
            """
            onedrive --generate-completion-script \(shell) | tee script
            if command -v \(shell) >/dev/null; then \(shell) -n script; fi
            """, in: TemporaryDirectory())
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        for command in try await commands() { #expect(outcome.output.contains(command)) }
    }

    @Test("a man page is found by the name under which it lies, and shows what is typed")
    func manual() async throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            Array(
                """
                .Dt ONEDRIVE.CONFLICTS.KEEP 1
                .Os
                .Sh NAME
                .Nm "onedrive conflicts keep"
                .Nd "Keep one, or both."
                .Sh SYNOPSIS
                .Nm
                .Ar paths...

                """.utf8), to: "onedrive.conflicts.keep.1")
        let outcome = try await UserScript.run(
            """
            "\(Repository.path)/Scripts/manual" "$PWD/man" "$PWD"
            cat man/onedrive-conflicts-keep.1
            """, in: directory)
        #expect(
            outcome.output == """
                .Dt ONEDRIVE-CONFLICTS-KEEP 1
                .Os
                .Sh NAME
                .Nm onedrive-conflicts-keep
                .Nd Keep one, or both.
                .Sh SYNOPSIS
                .Nm "onedrive conflicts keep"
                .Ar paths...

                """, "\(outcome.text)")
    }

    @Test("everything is put in place, and taken away again")
    func installation() async throws {
        let directory = try TemporaryDirectory()
        let script = "\(Repository.path)/Scripts/install"
        let installed = try await UserScript.run(
            """
            mkdir manual && echo page >manual/onedrive.1 && echo page >manual/onedrive-plan.1
            "\(script)" "\(UserScript.programs)/onedrive" "$PWD/manual" /opt/it "$PWD/root"
            find root -type f | sort
            grep ExecStart= root/opt/it/share/systemd/user/onedrive.service
            root/opt/it/bin/onedrive --version
            """, in: directory)
        #expect(installed.status == 0, "\(installed.text)")
        let expected = [
            "bin/onedrive",
            "share/bash-completion/completions/onedrive",
            "share/fish/vendor_completions.d/onedrive.fish", "share/man/man1/onedrive-plan.1",
            "share/man/man1/onedrive.1", "share/nautilus-python/extensions/onedrive_menu.py",
            "share/nemo-python/extensions/onedrive_menu.py",
            "share/systemd/user/onedrive.service",
            "share/zsh/site-functions/_onedrive",
        ].map { "root/opt/it/\($0)" }
        #expect(
            installed.output.split(separator: "\n").map(String.init)
                == expected + ["ExecStart=/opt/it/bin/onedrive start", Release.version])
        let removed = try await UserScript.run(
            """
            mkdir -p root/opt/it/share/doc/other
            "\(script)" --remove /opt/it "$PWD/root" && find root
            """, in: directory)
        // What others have put there stays, with the folders above it.
        let left = ["root", "root/opt", "root/opt/it", "root/opt/it/share"]
        #expect(
            removed.status == 0
                && removed.output.split(separator: "\n").map(String.init)
                    == left + ["root/opt/it/share/doc", "root/opt/it/share/doc/other"],
            "\(removed.text)")
        let relative = try await UserScript.run(
            "\"\(script)\" --remove it \"$PWD/root\"", in: directory)
        #expect(relative.status == 64 && relative.errors.contains("absolute path"))
    }
}
