"""A PostgreSQL server of our own, in a temporary folder, for as long as the tests run."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

OWNER = "recommender"
# It is thrown away afterwards, so it need not wait for the disk.
SETTINGS = "-c fsync=off -c listen_addresses='' -c max_connections=40 -c unix_socket_directories={folder}"
# Where Debian puts what is not on the path.
FOLDERS = "/usr/lib/postgresql/*/bin"


class NoServer(Exception):
    """Why there is no server to test on."""


def binaries() -> Path:
    """The folder of the newest PostgreSQL of this machine. Raises NoServer."""
    on_path = shutil.which("initdb")
    found = sorted(Path("/").glob(f"{FOLDERS[1:]}/initdb"), key=lambda path: path.parts)
    if not on_path and not found:
        raise NoServer("PostgreSQL is not installed: neither `initdb` on the path nor " + FOLDERS)
    return Path(on_path).parent if on_path else found[-1].parent


def as_somebody(folder: Path) -> list[str]:
    """What stands before a command so that it does not run as root, which PostgreSQL refuses; the folder goes along."""
    if os.geteuid() != 0:
        return []
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = next((name for name in ("postgres", "nobody") if name in names), None)
    if user is None or shutil.which("runuser") is None:
        raise NoServer("PostgreSQL does not run as root, and there is no other user to run it as")
    shutil.chown(folder, user)
    return ["runuser", "-u", user, "--"]


@contextlib.contextmanager
def server() -> Iterator[str]:
    """A running server; gives the URL of its databases with `{}` for the name. Raises NoServer."""
    bin_folder = binaries()
    with tempfile.TemporaryDirectory(prefix="recommender-pg-", ignore_cleanup_errors=True) as name:
        folder, before = Path(name), as_somebody(Path(name))

        def run(command: str, *arguments: str) -> None:
            done = subprocess.run(
                [*before, str(bin_folder / command), *arguments],
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise NoServer(f"{command} failed: {done.stderr.strip() or done.stdout.strip()}")

        data = str(folder / "data")
        run("initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        settings = SETTINGS.format(folder=folder)
        run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", settings, "start")
        try:
            yield f"postgresql://{OWNER}@/{{}}?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
