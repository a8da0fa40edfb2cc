"""The notebooks run from their first cell to their last, as whoever opens them would run them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

nbclient = pytest.importorskip("nbclient", reason="the notebooks are run by nbclient, which is not there")
nbformat = pytest.importorskip("nbformat", reason="the notebooks are run by nbclient, which is not there")

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
# The kernel's own sockets and processes are none of ours.
@pytest.mark.filterwarnings("ignore")
def test_a_notebook_runs_and_shows_what_it_says(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The kernel is the Python that runs the tests, whatever else is on the path.
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    notebook: Any = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert any("image/png" in output.get("data", {}) for output in shown), "each has a picture"
    assert "Not clinically validated" in notebook.cells[0].source
    kept = os.environ.get("RECOMMENDER_NOTEBOOKS")
    if kept:
        nbformat.write(notebook, Path(kept) / path.name)
