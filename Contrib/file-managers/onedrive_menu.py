"""Emblems, a menu and thumbnails for files on a onedrive mount, for Nautilus (Files) and Nemo.

The state is read from extended attributes, which the mount answers from memory: looking at a folder
downloads nothing. The menu calls the command line, and so does a folder that is shown: it asks for
thumbnails of the pictures that are not here. OPERATIONS.md says how to install this file.
"""

import os
import subprocess
import time
from urllib.parse import unquote, urlparse

import gi

try:
    gi.require_version("Nautilus", "4.0")
    from gi.repository import GObject, Nautilus as FileManager
except (ImportError, ValueError):
    try:
        gi.require_version("Nautilus", "3.0")
        from gi.repository import GObject, Nautilus as FileManager
    except (ImportError, ValueError):
        gi.require_version("Nemo", "3.0")
        from gi.repository import GObject, Nemo as FileManager

EMBLEMS = {
    "hydrated": "emblem-default",
    "partial": "emblem-downloads",
    "placeholder": "emblem-web",
    "pending": "emblem-synchronizing",
    "local-only": "emblem-unreadable",
}

# A folder asks for thumbnails again after so many seconds at the earliest: file managers ask about
# each file of it, again and again.
THUMBNAILS_PAUSE = 300


def attribute(path, name):
    """The text of an attribute of the mount; None for a file that is not on one."""
    try:
        return os.getxattr(path, "user.onedrive." + name).decode("utf-8", "replace")
    except OSError:
        return None


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

    def update_file_info(self, file):
        path = local_path(file)
        state = path and attribute(path, "state")
        if state in ("partial", "placeholder"):
            self.fetch_thumbnails(os.path.dirname(path))
        if state in EMBLEMS:
            file.add_emblem(EMBLEMS[state])
            if attribute(path, "pin") == "kept":
                file.add_emblem("emblem-favorite")

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
