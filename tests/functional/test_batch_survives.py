"""Nothing is lost when a batch is killed, stopped, starved of disk or disturbed: it says so, and `--resume` goes on.

"Equal" is always the same bytes of output, rejects and manifest as an uninterrupted run's.
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from recommender.batch.local import local_processes
from recommender.batch.parts import Unfinished
from recommender.cli import main
from recommender.cli.progress import Quiet
from recommender.errors import InputError
from tests.batch_tables import PART_ROWS, interrupt, left, parquet_of, parts_of, people, rejects_of, score, stop_after

ROWS = 400
FORMS = (".parquet", ".csv", ".ndjson", ".csv.gz")
KILLS = 20


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return parquet_of(tmp_path, ROWS)


@pytest.fixture
def usual_ctrl_c() -> Iterator[None]:
    """Python's own handler: a library that an earlier test used in this process may have left another."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def stopped(source: Path, target: Path, parts: int = 3, **options: object) -> None:
    """A run that was stopped when some parts were finished."""
    with pytest.raises(KeyboardInterrupt):
        score(source, target, progress=stop_after(parts, interrupt), **options)
    assert len(list(parts_of(target).glob("*.json"))) == parts + 1  # the journal is one too


def told(error: InputError) -> str:
    return " ".join(fault.sentence() for fault in error.faults)


class TestResume:
    @pytest.mark.parametrize("form", FORMS)
    def test_a_stopped_run_goes_on_and_ends_equal(self, source: Path, tmp_path: Path, form: str) -> None:
        whole, target = tmp_path / f"whole{form}", tmp_path / f"out{form}"
        summary = score(source, whole)
        stopped(source, target)
        made: list[int] = []
        assert score(source, target, resume=True, progress=lambda counts, _: made.append(counts.read)) == summary
        assert made[0] == 4 * PART_ROWS, "the three finished parts are not made again"
        assert left(target) == left(whole)

    def test_nothing_to_resume_is_a_new_run(self, source: Path, tmp_path: Path) -> None:
        score(source, tmp_path / "whole.csv")
        score(source, tmp_path / "out.csv", resume=True)
        assert left(tmp_path / "out.csv") == left(tmp_path / "whole.csv")

    def test_without_resume_what_is_kept_is_not_touched(self, source: Path, tmp_path: Path) -> None:
        target = tmp_path / "out.csv"
        stopped(source, target)
        kept = sorted(path.name for path in parts_of(target).iterdir())
        with pytest.raises(InputError) as refused:
            score(source, target)
        assert "Go on with --resume, or remove the folder" in told(refused.value)
        assert sorted(path.name for path in parts_of(target).iterdir()) == kept

    def test_a_changed_input_policy_or_option_is_refused(self, source: Path, tmp_path: Path) -> None:
        target = tmp_path / "out.csv"
        stopped(source, target)
        for change, options in (("options", {"reasons": "text"}), ("options", {"chunk_rows": 100})):
            with pytest.raises(Unfinished, match=r"out\.csv\.parts") as refused:
                score(source, target, resume=True, **options)
            assert f"the {change} have changed" in told(refused.value)
        parquet_of(tmp_path, ROWS, seed=2)
        with pytest.raises(Unfinished) as refused:
            score(source, target, resume=True)
        assert "the input has changed since it began" in told(refused.value)
        parquet_of(tmp_path, ROWS)
        score(source, target, resume=True)

    def test_another_policy_is_refused(self, source: Path, tmp_path: Path) -> None:
        target = tmp_path / "out.csv"
        stopped(source, target)
        from recommender.policy_file import ADULT

        other = tmp_path / "other.yaml"
        other.write_text(ADULT.read_text(encoding="utf-8") + "\n# another\n", encoding="utf-8")
        arguments = ["batch", source, "-o", target, "--rejects", rejects_of(target), "--chunk-rows", PART_ROWS]
        done = CliRunner().invoke(main, [*map(str, arguments), "--resume", "--policy", str(other)])
        assert done.exit_code == 10
        assert "the policy has changed since it began" in done.stderr

    def test_a_damaged_part_is_made_again(self, source: Path, tmp_path: Path) -> None:
        whole, target = tmp_path / "whole.csv", tmp_path / "out.csv"
        score(source, whole)
        stopped(source, target)
        os.truncate(parts_of(target) / "000001.results", 10)
        (parts_of(target) / "000000.json").write_text("{")
        score(source, target, resume=True)
        assert left(target) == left(whole)

    def test_two_runs_at_once_do_not_mix(self, source: Path, tmp_path: Path) -> None:
        target = tmp_path / "out.csv"
        refused: list[str] = []

        def second() -> None:
            try:
                score(source, target, resume=True)
            except InputError as error:
                refused.append(told(error))

        score(source, target, progress=stop_after(2, second))
        assert "another run is at work" in refused[0]
        assert target.exists()


KILLED = """
import os, random, signal, sys, time
from pathlib import Path
from tests.batch_tables import left, parts_of, rejects_of, score

folder, kills = Path(sys.argv[1]), int(sys.argv[2])
source, target = folder / "people.parquet", folder / "out.parquet"
chance, killed, ended, found = random.Random(20261125), 0, 0, 0

def child():
    process = os.fork()
    if not process:
        score(source, target, resume=True)
        os._exit(0)
    return process

start = time.monotonic()
os.waitpid(child(), 0)
whole, taken = left(target), time.monotonic() - start
target.unlink()
while killed < kills and ended < 4 * kills:
    process = child()
    time.sleep(chance.uniform(0, taken))
    os.kill(process, signal.SIGKILL)
    if os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0:
        assert left(target) == whole, "a run that was finished by resuming differs"
        ended += 1
        for path in (target, rejects_of(target)):
            path.unlink()
    else:
        killed += 1
        found += len(list(parts_of(target).glob("0*.json")))
os.waitpid(child(), 0)
assert left(target) == whole, "a resumed run differs"
print(killed, found)
"""


def test_killed_at_random_points_it_ends_equal(tmp_path: Path) -> None:
    parquet_of(tmp_path, 5 * PART_ROWS)
    command = [sys.executable, "-W", "ignore", "-c", KILLED, str(tmp_path), str(KILLS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    killed, found = map(int, done.stdout.split())
    assert killed == KILLS
    assert found > 0, "no kill left a finished part: the points are no test"


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """A disk on which no file grows beyond a size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class TestDisk:
    @pytest.mark.parametrize("form", FORMS)
    def test_a_full_disk_is_told_and_the_run_goes_on_later(self, source: Path, tmp_path: Path, form: str) -> None:
        whole, target = tmp_path / f"whole{form}", tmp_path / f"out{form}"
        score(source, whole)
        largest = max(whole.stat().st_size, rejects_of(whole).stat().st_size)
        # Too small for a part, and large enough for each part but not for the whole.
        for size in (4_000, largest - 1000):
            with files_up_to(size), pytest.raises(Unfinished) as full:
                score(source, target, resume=True)
            assert "cannot be written: File too large" in told(full.value)
            assert "--resume goes on" in told(full.value)
            assert not target.exists()
        score(source, target, resume=True)
        assert left(target) == left(whole)

    @pytest.mark.skipif(not Path("/proc/self").exists(), reason="no folder here that nobody may write to")
    def test_a_folder_that_cannot_be_written_to(self, source: Path) -> None:
        done = CliRunner().invoke(main, ["batch", str(source), "-o", "/proc/out.csv"])
        assert done.exit_code == 10
        assert "cannot be written" in done.stderr


class TestDisturbed:
    @pytest.mark.parametrize("form", [".csv", ".parquet"])
    def test_an_input_that_grows_is_told_and_nothing_is_written(self, tmp_path: Path, form: str) -> None:
        source, target = parquet_of(tmp_path, ROWS), tmp_path / f"out{form}"
        if form == ".csv":
            source = tmp_path / "people.csv"
            people(ROWS).to_csv(source, index=False)

        def grow() -> None:
            with source.open("ab") as stream:
                stream.write(b"P9999,no\n")

        with pytest.raises(Unfinished) as changed:
            score(source, target, progress=stop_after(1, grow))
        assert "was changed while it was read" in told(changed.value)
        assert not target.exists()
        assert parts_of(target).exists()

    @pytest.mark.usefixtures("usual_ctrl_c")
    def test_ctrl_c_says_how_to_go_on(self, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        whole, target = tmp_path / "whole.csv", tmp_path / "out.csv"
        score(source, whole)
        step = stop_after(2, lambda: signal.raise_signal(signal.SIGINT))
        monkeypatch.setattr(Quiet, "step", lambda _self, *_: step())
        arguments = ["batch", source, "-o", target, "--rejects", rejects_of(target), "--chunk-rows", PART_ROWS]
        done = CliRunner().invoke(main, [*map(str, arguments), "--workers", "1"])
        assert (done.exit_code, done.stderr) == (130, CTRL_C)
        done = CliRunner().invoke(main, [*map(str, arguments), "--workers", "1", "--resume"])
        assert done.exit_code == 12
        assert left(target) == left(whole)


CTRL_C = "Stopped. What is finished is kept: the same command with --resume goes on from there.\n"


class TestWorkers:
    def test_several_processes_give_the_same_bytes(self, source: Path, tmp_path: Path) -> None:
        score(source, tmp_path / "one.parquet")
        score(source, tmp_path / "two.parquet", workers=2)
        assert left(tmp_path / "two.parquet") == left(tmp_path / "one.parquet")

    def test_a_killed_worker_is_told_and_the_run_goes_on(self, source: Path, tmp_path: Path) -> None:
        whole, target = tmp_path / "whole.parquet", tmp_path / "out.parquet"
        score(source, whole)
        with pytest.raises(Unfinished) as broken:
            score(source, target, workers=2, progress=stop_after(2, kill_one_worker))
        assert "a worker process was ended from outside" in told(broken.value)
        score(source, target, resume=True)
        assert left(target) == left(whole)


def kill_one_worker() -> None:
    os.kill(random.choice(local_processes()), signal.SIGKILL)


def test_the_manifest_adds_up_and_names_nobody(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    summary = score(source, target)
    manifest = json.loads(left(target)[2])
    parts = manifest["parts"]
    assert len(parts) == ROWS // PART_ROWS
    for count in ("read", "scored", "rejected", "emergencies"):
        assert sum(part[count] for part in parts) == manifest["counts"][count] == getattr(summary, count)
    assert summary.read == summary.scored + summary.rejected == ROWS
    assert "zebra" not in json.dumps(manifest)
    assert {"input", "policy", "questions", "options", "versions", "output"} <= set(manifest)
