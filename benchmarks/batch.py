"""How fast tables are scored beside what cannot be faster and what others use, all in one run.

The floor is what Arrow alone takes to read the same input and to write the same output columns, with no work between.
Figures are the least of several runs. People are simulated; nothing here says anything about real ones.

    python benchmarks/batch.py [--rows 200000] [--repeats 5] [--only floor,peers,memory,workers] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from recommender.batch import run_batch
from recommender.policy_file import load_policy
from recommender.simulation import write_simulation

PARTS = ("floor", "peers", "memory", "workers")
MILLIONS = (1, 4, 16)
PEER_ROWS = 300
# Few columns, so that many rows fit on the disk: what could grow with the rows does not hang on the columns.
MEMORY_QUESTIONS = 40
Row = dict[str, Any]


def main() -> None:
    """Measures what was asked for, and prints a table and JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", default="floor,peers,workers")
    parser.add_argument("--millions", default=",".join(map(str, MILLIONS)))
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), chosen.rows, chosen.repeats)
        bench.millions = tuple(float(text) for text in chosen.millions.split(","))
        for part in chosen.only.split(","):
            for row in getattr(bench, part)():
                rows.append(row)
                print(in_line(row), flush=True)
    text = json.dumps(rows, indent=1)
    print(text)
    if chosen.json:
        chosen.json.write_text(text + "\n", encoding="utf-8")


def in_line(row: Row) -> str:
    """One line of the table."""
    what, *rest = row.items()
    return f"{what[1]:<44}" + "  ".join(f"{name} {value:,}" for name, value in rest)


class Bench:
    """The inputs, made once, and the measurements over them."""

    def __init__(self, folder: Path, count: int, repeats: int) -> None:
        self.folder, self.count, self.repeats = folder, count, repeats
        self.millions: tuple[float, ...] = MILLIONS
        self.policy = load_policy()
        self.parquet, self.csv = folder / "people.parquet", folder / "people.csv"
        self.made = False

    def inputs(self) -> None:
        """Makes the same people as CSV and Parquet, and scores them once to know the output's columns."""
        if self.made:
            return
        for target in (self.parquet, self.csv):
            write_simulation(target, self.count, seed=1)
        self.score(self.parquet)
        few = ["status", "level_at_least", "level_at_most", "level", "policy", "policy_hash"]
        self.answers = parquet.read_table(self.folder / "out.parquet", read_dictionary=few)
        self.made = True

    def score(self, source: Path, workers: int = 1) -> None:
        """Scores a table into `out.parquet`."""
        run_batch(self.policy, source, self.folder / "out.parquet", self.folder / "rejects.csv", workers=workers)

    # -------------------------------------------------------------------------------------------- the floor
    def floor(self) -> Iterator[Row]:
        """Times the floor, from Parquet and from CSV, on one thread each, taking turns."""
        self.inputs()
        jobs: dict[str, Callable[[], object]] = {
            "Parquet read and written, dictionaries kept": lambda: self.copy_parquet(few=True),
            "Parquet read and written, as plain text": lambda: self.copy_parquet(few=False),
            "Parquet scored": lambda: self.score(self.parquet),
            "CSV read, Parquet written": self.copy_csv,
            "CSV scored": lambda: self.score(self.csv),
        }
        best = taking_turns(jobs, self.repeats)
        floors = {
            "Parquet scored": "Parquet read and written, dictionaries kept",
            "CSV scored": "CSV read, Parquet written",
        }
        for name, (wall, cpu) in best.items():
            row: Row = {"what": name, "wall_s": round(wall, 2), "cpu_s": round(cpu, 2)}
            row["rows_per_s"] = round(self.count / wall)
            row["rows_per_cpu_s"] = round(self.count / cpu)
            if name in floors:
                floor = best[floors[name]]
                row["times_floor_wall"], row["times_floor_cpu"] = round(wall / floor[0], 2), round(cpu / floor[1], 2)
            if name == "Parquet scored":
                plain = best["Parquet read and written, as plain text"]
                row["times_plain_floor_cpu"] = round(cpu / plain[1], 2)
            yield row

    def copy_parquet(self, few: bool) -> None:
        """Reads the input, and writes the answers that were made of it before."""
        names = parquet.read_schema(self.parquet).names
        parquet.read_table(self.parquet, use_threads=False, read_dictionary=names[1:] if few else None)
        parquet.write_table(self.answers, self.folder / "floor.parquet", store_schema=False)

    def copy_csv(self) -> None:
        """The same for CSV, every cell as text."""
        names = parquet.read_schema(self.parquet).names
        with arrow_csv.open_csv(
            self.csv,
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=1 << 24),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        ) as reader:
            for _ in reader:
                pass
        parquet.write_table(self.answers, self.folder / "floor.parquet", store_schema=False)

    # -------------------------------------------------------------------------------------------- the peers
    def peers(self) -> Iterator[Row]:
        """Times others on the same rows and rules: from answers in memory to level and fired rules."""
        self.inputs()
        from peers import peers

        _, ours = taking_turns({"": lambda: self.score(self.parquet)}, self.repeats)[""]
        speed = self.count / ours
        yield {"what": "recommender batch, file to file", "rows_per_cpu_s": round(speed)}
        for name, work, agreement in peers(self.policy, PEER_ROWS):
            _, cpu = taking_turns({"": work}, self.repeats)[""]
            theirs = agreement["people"] / cpu
            yield {"what": name, "rows_per_cpu_s": round(theirs), "times": round(speed / theirs), **agreement}

    # ------------------------------------------------------------------------------------- memory and workers
    def memory(self) -> Iterator[Row]:
        """The most memory that a process ever had, for tables of very different sizes."""
        first = None
        for millions in self.millions:
            source = self.folder / "large.parquet"
            rows = round(millions * 1_000_000)
            repeat_people(self.parquet_of(100_000, MEMORY_QUESTIONS), source, rows)
            start = time.perf_counter()
            peak = peak_memory(source, self.folder / "large_out.parquet")
            first = first or peak
            yield {
                "what": f"{rows:,} rows",
                "peak_mb": round(peak / 1024),
                "times_first": round(peak / first, 2),
                "wall_s": round(time.perf_counter() - start, 1),
            }
            source.unlink()

    def parquet_of(self, count: int, questions: int | None = None) -> Path:
        target = self.folder / f"people_{count}_{questions}.parquet"
        if not target.exists():
            write_simulation(target, count, seed=2, questions=self.policy.questions_used[:questions])
        return target

    def workers(self) -> Iterator[Row]:
        """Times one and two processes on the same table."""
        source = self.folder / "workers.parquet"
        rows = 4 * self.count
        repeat_people(self.parquet_of(100_000), source, rows)
        jobs = {f"{n} worker{'s'[: n - 1]}": lambda n=n: self.score(source, n) for n in (1, 2)}
        best = taking_turns(jobs, min(self.repeats, 3))
        first = best["1 worker"][0]
        for name, (wall, _) in best.items():
            yield {
                "what": name,
                "wall_s": round(wall, 1),
                "rows_per_s": round(rows / wall),
                "speed": round(first / wall, 2),
            }


def taking_turns(jobs: dict[str, Callable[[], object]], repeats: int) -> dict[str, tuple[float, float]]:
    """The least seconds by the clock and of the processor for each job, the jobs taking turns."""
    best: dict[str, tuple[float, float]] = {}
    for _ in range(repeats):
        for name, work in jobs.items():
            wall, cpu = time.perf_counter(), time.process_time()
            work()
            taken = time.perf_counter() - wall, time.process_time() - cpu
            known = best.get(name, taken)
            best[name] = min(known[0], taken[0]), min(known[1], taken[1])
    return best


def repeat_people(source: Path, target: Path, count: int) -> None:
    """A table of `count` rows in which the people of a smaller one stand again and again, under new ids."""
    table = parquet.read_table(source, read_dictionary=parquet.read_schema(source).names[1:])
    with parquet.ParquetWriter(target, table.schema) as writer:
        for start in range(0, count, table.num_rows):
            rows = min(table.num_rows, count - start)
            ids = pa.array([f"R{number:09d}" for number in range(start, start + rows)])
            piece = table.slice(0, rows)
            writer.write_table(piece.set_column(0, "id", ids), row_group_size=1 << 16)


def peak_memory(source: Path, target: Path) -> int:
    """The largest resident size in kilobytes of a process that scores a table with one worker."""
    command = ["-m", "recommender", "batch", str(source), "-o", str(target), "--workers", "1", "--quiet"]
    process = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, *command])
    _, status, used = os.wait4(process, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 12):
        raise subprocess.CalledProcessError(status, command)
    return int(used.ru_maxrss)


if __name__ == "__main__":
    main()
