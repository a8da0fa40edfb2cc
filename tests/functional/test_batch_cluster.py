"""A real Dask cluster of two processes, one of them killed, and a real Spark give what one process gives.

Each runs in a process of its own: neither cleans up behind itself as this project's tests ask for.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from recommender.cli import main
from tests.batch_tables import left, parquet_of, score

ROOT = Path(__file__).parents[2]
SPARK_ROWS = 200

needs_dask = pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="Dask is not installed")
needs_spark = pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None or shutil.which("java") is None,
    reason="PySpark is not installed, or there is no Java",
)

DASK = """
import logging, os, signal, sys
from pathlib import Path
from distributed import Client, LocalCluster
from recommender.batch.dask import dask_engine
from tests.batch_tables import score, stop_after

def main():
    logging.disable(logging.CRITICAL)  # the cluster's own complaints of the killed worker
    folder = Path(sys.argv[1])
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        processes = list(client.run(os.getpid).values())
        kill = stop_after(2, lambda: os.kill(processes[0], signal.SIGKILL))
        engine = dask_engine(cluster.scheduler_address)
        score(folder / "people.parquet", folder / "out.csv", engine=engine, progress=kill)
        try:
            os.kill(processes[0], 0)
        except ProcessLookupError:
            print("one worker was killed")

if __name__ == "__main__":
    main()
"""

SPARK = """
import json, sys
from pathlib import Path
from pyspark.sql import SparkSession
from recommender.batch.spark import recommend, spark_engine
from tests.batch_tables import score

folder = Path(sys.argv[1])
settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2"}
session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
score(folder / "people.parquet", folder / "out.csv", engine=spark_engine("local[2]"))
session.sparkContext.setLogLevel("ERROR")
frame = session.read.parquet(str(folder / "people.parquet"))
rows = [row.asDict() for row in recommend(frame).collect()]
(folder / "rows.json").write_text(json.dumps(rows))
"""


def run_script(folder: Path, script: str) -> str:
    file = folder / "script.py"
    file.write_text(script, encoding="utf-8")
    command = [sys.executable, "-W", "ignore", str(file), str(folder)]
    # A session that was made by somebody else uses the Python that this names.
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


@needs_dask
def test_a_dask_cluster_gives_the_same_bytes_though_a_worker_is_killed(tmp_path: Path) -> None:
    source = parquet_of(tmp_path)
    score(source, tmp_path / "whole.csv")
    assert "one worker was killed" in run_script(tmp_path, DASK)
    assert left(tmp_path / "out.csv") == left(tmp_path / "whole.csv")


@needs_spark
def test_spark_gives_the_same_bytes_from_a_file_and_the_same_rows_from_a_data_frame(tmp_path: Path) -> None:
    source = parquet_of(tmp_path, SPARK_ROWS)
    score(source, tmp_path / "whole.csv")
    score(source, tmp_path / "whole.ndjson")
    run_script(tmp_path, SPARK)
    assert left(tmp_path / "out.csv") == left(tmp_path / "whole.csv")
    rows = json.loads((tmp_path / "rows.json").read_text())
    local = [json.loads(line) for line in (tmp_path / "whole.ndjson").read_text(encoding="utf-8").splitlines()]
    repeated = {row["id"] for row in rows if row["faults"] and "other rows have the same id" in row["faults"]}
    assert repeated
    scored = {row["id"]: row for row in rows if not row["faults"]}
    wanted = {row["id"]: row for row in local if row["id"] not in repeated}
    assert len(rows) == SPARK_ROWS
    assert scored.keys() == wanted.keys()
    for name, row in wanted.items():
        plain = {key: " ".join(value) if isinstance(value, list) else value for key, value in row.items()}
        assert {**plain, "faults": None} == scored[name]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--engine", "dask"), 2, "--engine dask needs --scheduler"),
        (("--scheduler", "tcp://127.0.0.1:1"), 2, "--scheduler goes with --engine dask"),
        (("--engine", "spark"), 2, "--engine spark needs --master"),
        (("--master", "local[2]"), 2, "--master goes with --engine spark"),
    ],
)
def test_an_engine_and_its_address_go_together(
    tmp_path: Path, arguments: tuple[str, ...], code: int, told: str
) -> None:
    done = CliRunner().invoke(main, ["batch", str(parquet_of(tmp_path)), "-o", f"{tmp_path}/out.csv", *arguments])
    assert (done.exit_code, told in done.stderr) == (code, True), done.stderr
