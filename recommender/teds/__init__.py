"""Admissions of the Treatment Episode Data Set (TEDS), read as answers to our questions.

What each code says is declared in `content/teds.yaml`; this package only carries it out:

    answer_text     what is left of two answers
    mapping         the declaration, loaded and checked
    agreement       whether the questionnaire knows every answer that may be written
    source          rows in, from CSV or Parquet; what codes a file holds
    variant         which years' coding a file uses
    codebook        what each code says in the variants that are left
    cells           answers of many rows as few texts and an index
    substances      three reported substances, put together by class
    course          what became of the person, as columns of a cohort
    decoder         codes in, columns of answers out
    importing       a whole file, with a summary

A TEDS record was never an interview: what it leaves open stays unknown, and what happened later is never an answer.
"""

from recommender.teds.importing import ImportSummary, import_teds
from recommender.teds.mapping import TedsMapping, read_mapping

__all__ = ["ImportSummary", "TedsMapping", "import_teds", "read_mapping"]
