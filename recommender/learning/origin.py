"""Where a model comes from: the data, the program and the libraries, so that it can be made again."""

from __future__ import annotations

import hashlib
from importlib import metadata
from pathlib import Path
from typing import Any, cast

import numpy as np

from recommender import __version__
from recommender.batch.places import Place, find_tables
from recommender.learning.cohort import Cohort
from recommender.learning.simulated import SYNTHETIC

LIBRARIES = ("numpy", "scikit-learn", "pyarrow", "joblib")


def data_told(source: Path, cohort: Cohort) -> dict[str, Any]:
    """The files of a cohort with their hashes, and whether its people are made up."""
    files = [{"file": place.name, "sha256": hash_of(place)} for place in find_tables(str(source))]
    return {"files": files, "rows": cohort.count, "kind": kind_of(cohort)}


def kind_of(cohort: Cohort) -> str:
    """`simulated` where every row is one of the simulation's people, else `records`."""
    return "simulated" if np.char.startswith(cohort.ids, SYNTHETIC).all() else "records"


def hash_of(place: Place) -> str:
    """The SHA-256 of a file, read piece by piece."""
    with place.open() as stream:
        return hashlib.file_digest(cast(Any, stream), "sha256").hexdigest()


def software_told() -> dict[str, str]:
    """The versions of what a model depends on when it is made."""
    return {"recommender": __version__, **{name: metadata.version(name) for name in LIBRARIES}}
