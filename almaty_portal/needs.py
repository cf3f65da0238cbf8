"""What the portal needs besides Python packages: `python almaty_portal/needs.py pango chromium …`.

On Debian, as root, what is missing is installed, and said. Elsewhere one sentence gives the exact
command, and everything that does not need it runs. Uses the standard library only: it runs before
the virtual environment exists.
"""

# ruff: noqa: S603, T201 -- our own lists of words; what it prints is its purpose

import ctypes
import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Need:
    """Something the machine may lack: how to see it, what goes without it, who has it."""

    present: Callable[[], bool]
    without: str
    debian: str
    fedora: str
    mac: str


def has_library(*names: str) -> bool:
    """Whether every shared library loads: `pango-1.0` is libpango-1.0.so.0 on Linux."""

    def loads(name: str) -> bool:
        for candidate in (f"lib{name}.so.0", ctypes.util.find_library(name)):
            try:
                if candidate and ctypes.CDLL(candidate):
                    return True
            except OSError:
                continue
        return False

    return all(loads(name) for name in names)


def chromium_path() -> str | None:
    """The browser of the browser tests: CHROMIUM, or the first one found."""
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
    mac = Path("/Applications/Chromium.app/Contents/MacOS/Chromium")
    found = (shutil.which(name) for name in (os.environ.get("CHROMIUM", ""), *names) if name)
    return next((path for path in found if path), str(mac) if mac.exists() else None)


NEEDS = {
    "venv": Need(
        present=lambda: all(map(importlib.util.find_spec, ("venv", "ensurepip"))),
        without="no virtual environment can be made",
        debian="python3-venv",
        fedora="python3",
        mac="python@3.13",
    ),
    "pango": Need(
        present=lambda: has_library("pango-1.0", "pangoft2-1.0", "gobject-2.0"),
        without="no PDF is made",
        debian="libpango-1.0-0 libpangoft2-1.0-0",
        fedora="pango",
        mac="pango",
    ),
    "chromium": Need(
        present=lambda: chromium_path() is not None,
        without="the browser tests are skipped",
        debian="chromium",
        fedora="chromium",
        mac="--cask chromium",
    ),
    "gettext": Need(
        present=lambda: all(map(shutil.which, ("xgettext", "msgmerge", "msguniq"))),
        without="catalogues of translations are neither collected nor compared with the sources",
        debian="gettext",
        fedora="gettext",
        mac="gettext",
    ),
}


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages, refreshing the list of packages only when that is needed."""
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=120", "-qq"]
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (install, [*apt, "update"], install):
        done = subprocess.run(
            command,
            env=quiet,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if command is install and done.returncode == 0:
            return True
    print(done.stderr.strip()[-500:], file=sys.stderr)
    return False


def command_for(missing: list[Need]) -> str:
    """The command a person types to install what is missing."""

    def packages(attribute: str) -> str:
        return " ".join(getattr(need, attribute) for need in missing)

    if sys.platform == "darwin":
        return "; ".join(f"brew install {need.mac}" for need in missing)
    if shutil.which("apt-get"):
        return f"sudo apt-get update && sudo apt-get install -y {packages('debian')}"
    if shutil.which("dnf"):
        return f"sudo dnf install -y {packages('fedora')}"
    return f"install, with the system's package manager, what Debian calls {packages('debian')}"


def main(names: list[str]) -> int:
    """See to the named needs; the status is 0 even when one stays missing, except for `venv`."""
    missing = {name: NEEDS[name] for name in names if not NEEDS[name].present()}
    if not missing:
        return 0
    packages = " ".join(need.debian for need in missing.values()).split()
    debian = shutil.which("apt-get") and Path("/etc/debian_version").exists()
    if debian and os.geteuid() == 0 and os.environ.get("NO_APT") != "1":
        print(
            f"Installing from Debian: {' '.join(packages)} (NO_APT=1 prevents this) …", flush=True
        )
        if apt_install(packages):
            missing = {name: need for name, need in missing.items() if not need.present()}
    if missing:
        without = "; ".join(need.without for need in missing.values())
        print(
            f"Missing on this machine: {', '.join(missing)}, so {without}. "
            f"To install: {command_for(list(missing.values()))}",
            file=sys.stderr,
            flush=True,
        )
    return 1 if "venv" in missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
