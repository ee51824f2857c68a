import Core
import Foundation
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Logging
import Shell
import Testing

/// The extension for file managers, run by Python with a stand-in for the file manager.
@Suite(
    .enabled(
        if: TestMount.isPossible && access("/usr/bin/python3", X_OK) == 0,
        "needs /dev/fuse and python3"), .serialized)
struct FileManagerTests {
    /// What of `gi` the extension uses, as Nautilus 4 and Nemo (as an older one) offer it.
    private static let stub = """
        import sys, types

        class Item:
            def __init__(self, name, label, tip):
                self.label = label
            def connect(self, signal, handler):
                self.activate = handler

        # What is installed; with Nemo, Nautilus is as well.
        def require_version(name, version):
            if (name, version) not in [tuple(sys.argv[1].split()), ("Nautilus", "4.0")]:
                raise ValueError(name)

        class Timer:
            def timeout_add_seconds(pause, handler):
                Timer.handler = handler

        repository = types.ModuleType("gi.repository")
        repository.GObject = types.SimpleNamespace(GObject=type("GObject", (), {}))
        repository.GLib = Timer
        for name in {"Nautilus", sys.argv[1].split()[0]}:
            manager = types.SimpleNamespace(
                InfoProvider=type("InfoProvider", (), {}),
                MenuProvider=type("MenuProvider", (), {}), MenuItem=Item, name=name)
            setattr(repository, name, manager)
        sys.modules["gi.repository"] = repository
        """

    private static let script = """
        import os, subprocess, sys
        from urllib.request import pathname2url
        import onedrive_menu
        from gi.repository import GLib

        class File:
            def __init__(self, path, scheme="file"):
                self.path, self.scheme, self.emblems = path, scheme, []
            def get_uri_scheme(self):
                return self.scheme
            def get_uri(self):
                return self.scheme + "://" + pathname2url(self.path)
            def add_emblem(self, name):
                self.emblems.append(name)
            def invalidate_extension_info(self):
                print("again:", ascii(os.path.basename(self.path)))

        # What is started; nobody waits for it there, but here.
        started = []
        start = subprocess.Popen
        def begin(*given, **named):
            started.append(start(*given, **named))
        subprocess.Popen = begin

        print(onedrive_menu.FileManager.name)
        extension = onedrive_menu.OneDriveExtension()
        old = sys.argv[1] != "Nautilus 4.0"
        def items(files):
            return extension.get_file_items(*(["window", files] if old else [files]))

        for name in sorted(os.listdir(sys.argv[2])):
            file = File(os.path.join(sys.argv[2], name))
            extension.update_file_info(file)
            print(ascii(name), *file.emblems)
        for path, scheme in [("/etc/passwd", "file"), ("/x", "smb")]:
            file = File(path, scheme)
            extension.update_file_info(file)
            print(path, file.emblems, items([file]), extension.get_background_items(file))
        found = [File(os.path.join(sys.argv[2], name)) for name in ("new é.txt", "there #1.txt")]
        print(*[item.label for item in items(found)], sep=", ")
        print(*[item.label for item in items(found[1:])], sep=", ")
        items(found[1:])[0].activate(None)
        for process in started:
            shown = [os.path.basename(word) for word in process.args]
            print(*shown, process.wait(), sep="|")
        # It was not kept on this device when it was shown.
        print(GLib.handler(), GLib.handler())
        extension.update_file_info(found[1])
        print("emblem-favorite" in found[1].emblems)
        """

    @Test(
        "emblems and menu follow the state of files",
        arguments: ["Nautilus 4.0", "Nemo 3.0"])
    func emblems(_ manager: String) async throws {
        var service = GraphService(profile: .business, seed: 1)
        let now = Timestamp(seconds: 1_767_300_000)
        try service.remoteCreateFile("there #1.txt", Array("there".utf8), now: now)
        let stage = try await Stage(service)
        let configuration = try stage.account("one", "upload_delay: 7d")
        let client = try await Client(configuration, log: Logger(label: "test"))
        _ = try await stage.ask(configuration, .synchronize(waits: true))
        try FileManager.default.createDirectory(
            atPath: stage.directory.path + "/gi", withIntermediateDirectories: false)
        try stage.directory.write(Array(Self.stub.utf8), to: "gi/__init__.py")
        try stage.directory.write(Array(Self.script.utf8), to: "script.py")
        // There is no configuration file in the standard place: the mount says which one it has.
        let outcome = try await stage.run(
            """
            echo mine >"one/new (conflict a-b 0a1b2c).txt"
            echo hello >"one/new é.txt"; echo lock >"one/.~lock.new é.txt#"
            extensions=$(echo "\(manager)" | tr A-Z a-z | cut -d " " -f 1)-python
            mkdir "$extensions"
            cp "\(Repository.path)/Contrib/file-managers/onedrive_menu.py" "$extensions"
            PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$PWD:$PWD/$extensions" LC_ALL=C.UTF-8 \
                /usr/bin/python3 script.py "\(manager)" "$PWD/one"
            """)
        try await onThread { client.stop() }
        await stage.host.stop()
        #expect(outcome.status == 0, "\(outcome.text)")
        #expect(
            outcome.output.split(separator: "\n").map(String.init) == [
                String(manager.prefix { $0 != " " }),
                #"'.~lock.new \xe9.txt#' emblem-unreadable"#,
                "'new (conflict a-b 0a1b2c).txt' emblem-synchronizing emblem-important",
                #"'new \xe9.txt' emblem-synchronizing"#,
                "'there #1.txt' emblem-web",
                "/etc/passwd [] [] []", "/x [] [] []",
                "Always Keep on This Device, Download on Demand, Free Up Space",
                "Always Keep on This Device, Download on Demand, Free Up Space, View on OneDrive",
                "onedrive|thumbnails|--config|one.yml|--|one|0",
                "onedrive|pin|--config|one.yml|--|there #1.txt|0",
                "again: 'there #1.txt'", "True True", "True",
            ], "\(outcome.text)")
    }
}
