"""Emblems, a menu and thumbnails for files on a onedrive mount, for Nautilus (Files) and Nemo.

The state is read from extended attributes, which the mount answers from memory: looking at a folder
downloads nothing. The menu calls the command line, and so does a folder that is shown: it asks for
thumbnails of the pictures that are not here. OPERATIONS.md says how to install this file.
"""

import os
import re
import subprocess
import time
from urllib.parse import unquote, urlparse

import gi
from gi.repository import GLib, GObject


def file_manager():
    """The interface of the program that runs this: both may be installed, and each has a folder of
    its own for extensions."""
    offers = [("Nautilus", "4.0"), ("Nautilus", "3.0"), ("Nemo", "3.0")]
    if "nemo-python" in __file__:
        offers.reverse()
    for name, version in offers:
        try:
            gi.require_version(name, version)
            return getattr(__import__("gi.repository", fromlist=[name]), name)
        except (AttributeError, ImportError, ValueError):
            continue
    raise ImportError("neither Nautilus nor Nemo is here")


FileManager = file_manager()

EMBLEMS = {
    "hydrated": "emblem-default",
    "partial": "emblem-downloads",
    "placeholder": "emblem-web",
    "pending": "emblem-synchronizing",
    "local-only": "emblem-unreadable",
}

# How the client calls the version of this device where a file was edited on both sides.
CONFLICT_COPY = re.compile(r" \(conflict [A-Za-z0-9._-]+ [0-9a-f]{6}\)(\.[^. ]+)?$")

# A folder asks for thumbnails again after so many seconds at the earliest: file managers ask about
# each file of it, again and again.
THUMBNAILS_PAUSE = 300

# Changes that the client makes by itself are no news to file managers: so many of the files that were
# shown last are looked at again, each so many seconds.
WATCHED_MAX = 1000
WATCH_PAUSE = 5


def attribute(path, name):
    """The text of an attribute of the mount; None for a file that is not on one."""
    try:
        return os.getxattr(path, "user.onedrive." + name).decode("utf-8", "replace")
    except OSError:
        return None


def emblems(path):
    """The emblems of a file by its state now."""
    state = attribute(path, "state")
    names = [EMBLEMS[state]] if state in EMBLEMS else []
    if names and CONFLICT_COPY.search(path):
        names.append("emblem-important")
    if names and attribute(path, "pin") == "kept":
        names.append("emblem-favorite")
    return names


def local_path(file):
    if file.get_uri_scheme() != "file":
        return None
    # Names need not be text.
    return unquote(urlparse(file.get_uri()).path, errors="surrogateescape")


def command(name, *paths):
    """A command for the client on whose mount the first path is: there may be several."""
    file = attribute(paths[0], "configuration")
    return ["onedrive", name, *(["--config", file] if file else []), "--", *paths]


def run(*arguments):
    subprocess.Popen(
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


class OneDriveExtension(GObject.GObject, FileManager.InfoProvider, FileManager.MenuProvider):
    """What the file manager asks about files."""

    # When thumbnails of a folder were asked for.
    asked = {}
    # The files that were shown last, the latest last: by path, the file and its emblems.
    watched = {}
    is_watching = False

    def update_file_info(self, file):
        path = local_path(file)
        state = path and attribute(path, "state")
        if state in ("partial", "placeholder"):
            self.fetch_thumbnails(os.path.dirname(path))
        if state:
            shown = emblems(path)
            for name in shown:
                file.add_emblem(name)
            self.watch(path, file, shown)

    def watch(self, path, file, shown):
        self.watched.pop(path, None)
        self.watched[path] = (file, shown)
        while len(self.watched) > WATCHED_MAX:
            del self.watched[next(iter(self.watched))]
        if not self.is_watching:
            self.is_watching = True
            GLib.timeout_add_seconds(WATCH_PAUSE, self.look_again)

    def look_again(self):
        """Has the file manager ask again about files whose emblems are others now."""
        for path, (file, shown) in list(self.watched.items()):
            if emblems(path) != shown:
                del self.watched[path]
                file.invalidate_extension_info()
        self.is_watching = bool(self.watched)
        return self.is_watching

    def fetch_thumbnails(self, folder):
        now = time.monotonic()
        if now < self.asked.get(folder, -THUMBNAILS_PAUSE) + THUMBNAILS_PAUSE:
            return
        self.asked[folder] = now
        run(*command("thumbnails", folder))

    def get_file_items(self, *arguments):
        # Nautilus 4 passes the files alone, older ones and Nemo a window before them.
        paths = [local_path(file) for file in arguments[-1]]
        if not paths or not all(path and attribute(path, "state") for path in paths):
            return []
        items = [
            self.item("Pin", "Always Keep on This Device", command("pin", *paths)),
            self.item("Unpin", "Download on Demand", command("unpin", *paths)),
            self.item("Free", "Free Up Space", command("free", *paths)),
        ]
        address = attribute(paths[0], "web_url") if len(paths) == 1 else None
        if address:
            items.append(self.item("Web", "View on OneDrive", ["xdg-open", address]))
        return items

    def get_background_items(self, *arguments):
        return []

    @staticmethod
    def item(name, label, words):
        item = FileManager.MenuItem(name="OneDrive::" + name, label=label, tip="")
        item.connect("activate", lambda *_: run(*words))
        return item
