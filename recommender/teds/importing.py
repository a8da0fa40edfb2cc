"""A whole TEDS file in, a table of answers out, and a summary of what was read and what was not."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from recommender.errors import Fault, InputError
from recommender.questionnaire_file import load_questionnaire
from recommender.table_file import target_form, text_table_writer
from recommender.teds.agreement import check_agreement
from recommender.teds.decoder import Decoder
from recommender.teds.mapping import TedsMapping, read_mapping
from recommender.teds.source import SourceTable, survey
from recommender.teds.variant import FileContents, columns_in, detect, odd_codes


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import did.

    `known` is the share of rows (0 to 1) with an answer, by question. `contradicted` counts the rows where columns of
    TEDS contradict each other, so that the question stays unknown. `not_used` gives each column that was left alone,
    with the reason. `odd_codes` counts the rows of such columns with a code that no codebook has; in a used column that
    is an error.
    """

    rows_read: int
    rows_written: int
    variant: str
    variant_reason: str
    known: Mapping[str, float]
    contradicted: Mapping[str, int]
    not_used: Mapping[str, str]
    odd_codes: Mapping[str, int]
    mapping_version: str
    mapping_hash: str


def import_teds(
    source: Path,
    target: Path,
    *,
    chunk_rows: int = 100_000,
    variant: str | None = None,
    bare: Sequence[str] = (),
) -> ImportSummary:
    """Writes the answers that a TEDS file holds, one row an admission, and says what was done.

    Args:
        source: a CSV, CSV.gz or Parquet file with TEDS column names and codes.
        target: where to write, the form by suffix; it is replaced only when everything went well.
        chunk_rows: rows held at once.
        variant: the coding to use, one of the mapping's variants; found out from the file if not given.
        bare: TEDS columns whose codes are written too, as `teds_code_…`; those that the file lacks are passed over.

    Raises InputError with every code of a used column that the codebooks do not have, for a file that mixes codings,
    and for one that cannot be read or written.
    """
    mapping = _checked_mapping()
    _check_target(source, target)
    if chunk_rows < 1:
        raise InputError(Fault("the number of rows held at once must be positive", given=str(chunk_rows)))
    table = SourceTable(source)
    header_of = columns_in(mapping, table.headers, source.name)
    surveyed = [name for name in header_of if name != mapping.passed_on["id"]]
    rows, values = survey(table, [header_of[name] for name in surveyed], chunk_rows)
    contents = FileContents(source.name, table.headers, header_of, {name: values[header_of[name]] for name in surveyed})
    detected = detect(mapping, contents, variant)
    decoder = Decoder(mapping, detected.variants, header_of, source.name, bare)
    written, known, contradicted = _write(table, decoder, target, chunk_rows)
    return ImportSummary(
        rows_read=rows,
        rows_written=written,
        variant=detected.name,
        variant_reason=detected.reason,
        known={name: known[name] / rows if rows else 0.0 for name in decoder.questions},
        contradicted={name: count for name, count in contradicted.items() if count},
        not_used=_not_used(mapping, table.headers, decoder.headers),
        odd_codes=odd_codes(mapping, contents),
        mapping_version=mapping.version,
        mapping_hash=mapping.hash,
    )


@functools.cache
def _checked_mapping() -> TedsMapping:
    mapping = read_mapping()
    check_agreement(mapping, load_questionnaire())
    return mapping


def _write(
    table: SourceTable, decoder: Decoder, target: Path, chunk_rows: int
) -> tuple[int, Counter[str], Counter[str]]:
    """Decodes chunk by chunk; the rows written, and by question how many are known and how many contradicted."""
    rows, known, contradicted = 0, Counter[str](), Counter[str]()
    with text_table_writer(target, decoder.columns) as writer:
        for chunk in table.chunks(decoder.headers, chunk_rows):
            answers = decoder.answers(chunk)
            writer.write_table(decoder.table(chunk, answers))
            rows += chunk.rows
            known.update({name: cells.known() for name, cells in answers.items()})
            contradicted.update({name: cells.contradicted for name, cells in answers.items()})
    return rows, known, contradicted


def _not_used(mapping: TedsMapping, headers: tuple[str, ...], used: list[str]) -> dict[str, str]:
    by_name = {name: column for column in mapping.columns.values() for name in column.names}
    reasons: dict[str, str] = {}
    for header in headers:
        column = by_name.get(header.strip().upper())
        if header not in used:
            reasons[header] = "not a TEDS column" if column is None else column.why or "another column was used instead"
    return reasons


def _check_target(source: Path, target: Path) -> None:
    target_form(target)
    if target.exists() and source.exists() and target.samefile(source):
        raise InputError(Fault("would be overwritten by its own answers", file=source.name))
