"""A table of people read to be counted, not scored: as `recommender batch` reads it, with the rows that it would score.

It holds whoever writes nothing about single people: rows with a fault are left out and counted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from recommender.answers import Answers
from recommender.batch.columns import ColumnReader, read_header
from recommender.batch.identity import Identities
from recommender.batch.places import find_tables
from recommender.batch.reading import open_table, read_ahead
from recommender.contradictions import contradictions
from recommender.questionnaire import Questionnaire

CHUNK_ROWS = 65_536
# The ids of people that `recommender data simulate` makes up.
SYNTHETIC = "SYN-"


class People(NamedTuple):
    """Some people of a cohort.

    `fine` (n,) says whose row has no fault; `unsplit` counts rows that could not be split into cells and so have no
    answers at all; `synthetic` says whether every id is one of the simulation's.
    """

    answers: Answers
    fine: NDArray[np.bool_]
    unsplit: int
    synthetic: bool

    @property
    def faulty(self) -> int:
        """How many rows are not to be counted."""
        return int((~self.fine).sum()) + self.unsplit


def read_people(source: Path, questionnaire: Questionnaire, *, chunk_rows: int = CHUNK_ROWS) -> Iterator[People]:
    """The people in a CSV, CSV.gz or Parquet file, some at a time. Raises InputError as `recommender batch` does."""
    with tempfile.TemporaryDirectory() as unpacked:
        files = open_table(find_tables(str(source)), chunk_rows, Path(unpacked))
        header = read_header(files[0].headers, questionnaire, files[0].name)
        identities = Identities(files[0].name, several_files=len(files) > 1, earlier={})
        columns = ColumnReader(questionnaire, header)
        for portion in (portion for file in files for portion in file.portions):
            for chunk in read_ahead(portion.chunks(header.questions, header.texts, chunk_rows)):
                ids = identities.of(chunk)
                reading = columns.read(chunk)
                against = contradictions(questionnaire, reading.answers, reading.unread)
                fine = np.ones(len(chunk.rows), dtype=bool)
                fine[[place for place, _ in (*identities.faults(chunk, ids), *reading.faults, *against)]] = False
                synthetic = bool(pc.all(pc.starts_with(ids, SYNTHETIC), min_count=0).as_py())
                yield People(reading.answers, fine, len(chunk.broken), synthetic)
