"""`docs/errors.md` is made from what the commands really print.

UPDATE_DOCS=1 pytest tests/functional/test_errors_page.py     writes the page anew
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from recommender.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"

HEAD = """# What can go wrong, and what to do

Made by `tests/functional/test_errors_page.py` from what the commands print; do not edit by hand.

A message says what was wrong, where, the value given, what is allowed and what to do next. It goes to standard error;
standard output is data only. Exit codes:

| code | meaning |
| --- | --- |
| 0 | done; for `assess`, a level is given, settled or provisional |
| 1 | a bug of ours, with a traceback: please report it, without personal data |
| 2 | the command line cannot be read |
| 10 | the input cannot be used as it is; every fault is listed |
| 11 | a question, level or policy file does not hold together |
| 12 | `batch` finished, and some rows were set aside in the rejects file |
| 13 | `policy test` finished, and a case fails: the policy does not find what the case states |
| 14 | `policy check` finished, and a property does not hold for some intake, which is shown |
| 15 | something is needed that an extra of the package brings; the message names it |
| 20 | `assess`: blocked, an emergency; no level |
| 21 | `assess`: held until a clinician has looked; no level |
| 22 | `assess`: safety questions are unanswered; no level |
| 130 | stopped by the user |

`batch` writes each fault of each bad row to the rejects file (row, line, id, field, given, fault) and scores the
others. A bad row in which an emergency can be read says so first; `assess` prints the emergency card before the faults.
A batch that cannot go on (a full disk, a killed worker, Ctrl-C, an input that changes) keeps what is finished in the
folder `OUTPUT.parts` and says so; the same command with `--resume` goes on from there.

## Messages, by example
"""

# What it is about, the file's name, its bytes, and the command's arguments after `recommender`; the file stands after
# the first of them unless they name it.
EXAMPLES: list[tuple[str, str, bytes, list[str]]] = [
    ("A misspelt question", "misspelt.json", b'{"id": "x", "answers": {"alcohol_dayz": 3}}', ["assess"]),
    ("A value outside what is possible", "outside.json", b'{"id": "x", "answers": {"alcohol_days": 31}}', ["assess"]),
    ("Text where a number is due", "text.json", b'{"id": "x", "answers": {"alcohol_days": "often"}}', ["assess"]),
    ("An unknown choice", "choice.json", b'{"id": "x", "answers": {"home_use": "somtimes"}}', ["assess"]),
    ("A list where one person is due", "list.json", b"[]", ["assess"]),
    ("Broken JSON", "broken.json", b'{"id": "x", "answers": {"alcohol_days": 3,}', ["assess"]),
    ("A file that is not UTF-8", "latin.json", b'{"id": "x", "about": "caf\xe9", "answers": {}}', ["assess"]),
    (
        "An answer to a question that is not asked",
        "gate.json",
        b'{"id": "x", "answers": {"alcohol_days": 0, "drinks_per_day": 6}}',
        ["assess"],
    ),
    (
        "Answers that contradict each other",
        "dates.json",
        b'{"id": "x", "answers": {"alcohol_days": 12, "alcohol_last_days": 90}}',
        ["assess"],
    ),
    (
        "A total that its items contradict",
        "total.json",
        b'{"id": "x", "answers": {"phq2": 5, "phq_1": "not_at_all", "phq_2": "not_at_all"}}',
        ["assess"],
    ),
    ("An empty table", "empty.csv", b"", ["batch", "-o", "out.csv"]),
    ("An unknown column", "column.csv", b"id,alcohol_dayz\n1,3\n", ["batch", "-o", "out.csv"]),
    ("A Parquet file that was cut off", "cut.parquet", b"PAR1\x00\x00", ["batch", "-o", "out.csv"]),
    ("Quotation marks that swallow rows", "quotes.csv", b'id,age\nA,"30\nB,31\nC,"32\n', ["batch", "-o", "out.csv"]),
    ("A suffix that says nothing", "table.txt", b"id\n1\n", ["batch", "-o", "out.csv"]),
    ("A rule that does not exist", "", b"", ["policy", "show", "--rule", "U9z"]),
    (
        "A case for a level that does not exist",
        "level.yaml",
        b"cases:\n  - {id: C1, expect: outpatiant, answers: {}}\n",
        ["policy", "test", "--cases", "level.yaml"],
    ),
    (
        "A case that fails",
        "failing.yaml",
        b"cases:\n  - {id: C1, expect: outpatient, answers: {}}\n",
        ["policy", "test", "--cases", "failing.yaml"],
    ),
]


def printed(folder: Path, name: str, content: bytes, arguments: list[str]) -> tuple[int, str]:
    """The exit code, and what goes to standard error, without the folder's own path."""
    if name:
        (folder / name).write_bytes(content)
    in_folder = [str(folder / part) if part in (name, "out.csv") else part for part in with_file(name, arguments)]
    done = CliRunner().invoke(main, in_folder)
    return done.exit_code, done.stderr.replace(f"{folder}{os.sep}", "").strip()


def with_file(name: str, arguments: list[str]) -> list[str]:
    """The arguments with the file among them."""
    return arguments if not name or name in arguments else [arguments[0], name, *arguments[1:]]


def page(folder: Path) -> str:
    parts = [HEAD]
    for title, name, content, arguments in EXAMPLES:
        code, message = printed(folder, name, content, arguments)
        assert code in (10, 11, 12, 13), (title, code, message)
        shown = " ".join(with_file(name, arguments))
        parts.append(f"\n**{title}** (exit code {code})\n\n```text\n$ recommender {shown}\n{message}\n```\n")
    return "".join(parts)


def test_the_page_of_errors_is_what_the_commands_print(tmp_path: Path) -> None:
    made = page(tmp_path)
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(made, encoding="utf-8")
    assert PAGE.is_file(), "run once with UPDATE_DOCS=1"
    assert PAGE.read_text(encoding="utf-8") == made


def test_the_command_line_never_shows_a_traceback_for_a_users_mistake(tmp_path: Path) -> None:
    for title, name, content, arguments in EXAMPLES:
        _, message = printed(tmp_path, name, content, arguments)
        assert "Traceback" not in message, title
        assert message, title


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["assess"],
        ["batch"],
        ["template"],
        ["dictionary"],
        ["policy"],
        ["policy", "show"],
        ["policy", "test"],
        ["policy", "cases"],
        ["policy", "lint"],
        ["policy", "explain-rule"],
        ["policy", "reference"],
        ["policy", "schema"],
        ["data"],
        ["data", "import-teds"],
        ["data", "simulate"],
    ],
)
def test_every_command_has_help_that_says_what_it_does(command: list[str]) -> None:
    done = CliRunner().invoke(main, [*command, "--help"])
    assert done.exit_code == 0
    assert len(done.output.splitlines()) > 5
