"""Where the lines go and where they come from: a terminal with prompt_toolkit, or plain lines for a screen reader."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import click

from recommender.errors import Fault, InputError


class Desk(Protocol):
    """Shows screens and takes lines."""

    plain: bool

    def show(self, lines: Iterable[str]) -> None:
        """A new screen."""

    def ask(self, prompt: str, words: Sequence[str] = ()) -> str:
        """The next line that is typed; `words` may be completed. Raises KeyboardInterrupt and EOFError."""


class PlainDesk:
    """One line after another: no colours, nothing drawn, nothing overwritten."""

    plain = True

    def show(self, lines: Iterable[str]) -> None:
        click.echo()
        for line in lines:
            click.echo(click.unstyle(line))

    def ask(self, prompt: str, words: Sequence[str] = ()) -> str:  # noqa: ARG002  # nothing is completed here
        click.echo(prompt, nl=False)
        return input()


class TerminalDesk:
    """One screen a question, with completion of words and editing of the line."""

    plain = False

    def __init__(self) -> None:
        prompt_toolkit = prompting_library()
        # No history: what was answered must not come back for the next person.
        self.session = prompt_toolkit.PromptSession(history=prompt_toolkit.history.DummyHistory())
        self.completer: Any = prompt_toolkit.completion.WordCompleter

    def show(self, lines: Iterable[str]) -> None:
        click.clear()
        for line in lines:
            click.echo(line)

    def ask(self, prompt: str, words: Sequence[str] = ()) -> str:
        completer = self.completer(list(words), sentence=True)
        typed = self.session.prompt(prompt, completer=completer, complete_while_typing=False, reserve_space_for_menu=0)
        return str(typed)


def prompting_library() -> Any:
    """prompt_toolkit, if it is installed. Raises InputError where it is not."""
    try:
        import prompt_toolkit
        import prompt_toolkit.completion
        import prompt_toolkit.history
    except ImportError:
        what = "the screens need the package prompt_toolkit, which is not installed"
        remedy = "Install it with pip install 'recommender[interview]', or add --plain."
        raise InputError(Fault(what, remedy=remedy)) from None
    return prompt_toolkit


def desk_for(plain: bool) -> Desk:
    """The desk that was asked for; plain where the output is not a terminal."""
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    return PlainDesk() if plain or not interactive else TerminalDesk()
