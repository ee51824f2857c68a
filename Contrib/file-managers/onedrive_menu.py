"""Emblems and a menu for files on a onedrive mount, for Nautilus (Files) and Nemo.

The state is read from extended attributes, which the mount answers from memory: looking at a folder
downloads nothing. The menu calls the command line. OPERATIONS.md says how to install this file.
"""

import os
import subprocess
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

    def update_file_info(self, file):
        path = local_path(file)
        state = path and attribute(path, "state")
        if state in EMBLEMS:
            file.add_emblem(EMBLEMS[state])
            if attribute(path, "pin") == "kept":
                file.add_emblem("emblem-favorite")

    def get_file_items(self, *arguments):
        # Nautilus 4 passes the files alone, older ones and Nemo a window before them.
        paths = [local_path(file) for file in arguments[-1]]
        if not paths or not all(path and attribute(path, "state") for path in paths):
            return []
        items = [
            self.item("Pin", "Always Keep on This Device", ["onedrive", "pin", *paths]),
            self.item("Unpin", "Download on Demand", ["onedrive", "unpin", *paths]),
            self.item("Free", "Free Up Space", ["onedrive", "free", *paths]),
        ]
        address = attribute(paths[0], "web_url") if len(paths) == 1 else None
        if address:
            items.append(self.item("Web", "View on OneDrive", ["xdg-open", address]))
        return items

    def get_background_items(self, *arguments):
        return []

    @staticmethod
    def item(name, label, command):
        item = FileManager.MenuItem(name="OneDrive::" + name, label=label, tip="")
        item.connect("activate", lambda *_: run(*command))
        return item
