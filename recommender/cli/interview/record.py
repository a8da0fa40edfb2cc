"""The file an interview is kept in: an intake like any other, with the answers in the order they were given.

It is written anew after every answer and takes its place only when it is on the disk. So whatever happens, the file
holds the interview as it was after the last answer, and `recommender assess` reads it as it is.
"""

from __future__ import annotations

import os
from pathlib import Path

from recommender.answers import write_json
from recommender.errors import Fault, InputError
from recommender.intake import Intake, intake_text, read_intake_file
from recommender.questionnaire import Questionnaire
from recommender.rules.bounds import MISSING

ONLY_THE_OWNER = 0o600


def save(path: Path, questionnaire: Questionnaire, intake: Intake) -> None:
    """Puts the intake on the disk, whole, readable by its owner only. Raises InputError where that is impossible."""
    answers = {
        name: write_json(questionnaire.questions[name], answer)
        for name, answer in intake.answers.items()
        if answer.state != MISSING
    }
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, ONLY_THE_OWNER)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(intake_text(intake.id, intake.about, answers))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        on_disk(path.parent)
    except OSError as error:
        what = f"cannot be written: {error.strerror or 'failed'}"
        raise InputError(Fault(what, file=path.name, remedy="Name a file in a folder that can be written.")) from None
    finally:
        partial.unlink(missing_ok=True)


def on_disk(folder: Path) -> None:
    """Makes sure that a file's new name survives a loss of power, where folders can be opened at all."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def begin(path: Path, questionnaire: Questionnaire, *, resume: bool, name: str) -> Intake:
    """A new intake in a new file, or with `resume` the one that the file holds."""
    if resume:
        return read_intake_file(str(path), questionnaire)
    if path.exists():
        remedy = "Go on with it by adding --resume, or name another file."
        raise InputError(Fault("is there already", file=path.name, remedy=remedy))
    intake = Intake(name, "", {})
    save(path, questionnaire, intake)
    return intake
