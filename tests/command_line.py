"""Runs the `recommender` command as a user does: in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run(*arguments: object, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """The exit code (`returncode`), `stdout` and `stderr` of one run, started in `folder`."""
    command = [sys.executable, "-m", "recommender", *map(str, arguments)]
    environment = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=120, check=False
    )
