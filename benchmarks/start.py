"""How long the commands take to start, beside the imports that they cannot do without, in the same run.

Interleaved runs of whole processes; the least of each, because other work on the machine only ever adds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

RUNS = 12
INTAKE = Path(__file__).parents[1] / "data" / "intakes" / "clear_iop.json"
COMMANDS = {
    "click": ["-c", "import click"],
    "numpy": ["-c", "import numpy"],
    "help": ["-m", "recommender", "--help"],
    "assess": ["-m", "recommender", "assess", str(INTAKE)],
}


def main() -> None:
    """Prints the milliseconds and the two ratios as one line of JSON."""
    least = dict.fromkeys(COMMANDS, float("inf"))
    for _ in range(RUNS):
        for name, arguments in COMMANDS.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
            least[name] = min(least[name], time.perf_counter() - start)
    ratios = {"help_to_click": least["help"] / least["click"], "assess_to_numpy": least["assess"] / least["numpy"]}
    milliseconds = {name: round(seconds * 1000) for name, seconds in least.items()}
    print(json.dumps({**milliseconds, **{name: round(ratio, 2) for name, ratio in ratios.items()}}))


if __name__ == "__main__":
    main()
