"""The `recommender` command. Each of its commands lives in a module of its own that is loaded when it is called.

Exit codes: 0 done; 2 the command line cannot be read; 10 to 12 faults in what was given; 130 stopped by the user. A
command's own help says what else it may return. Anything else is a bug: exit code 1, with its traceback.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Mapping
from typing import NamedTuple

import click

from recommender import __version__
from recommender.cli.faults import report
from recommender.errors import InputError, RecommenderError, did_you_mean

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
STOPPED = 130


class Late(NamedTuple):
    """A command that is not loaded yet: where it is, and its line in the list of commands."""

    module: str
    attribute: str
    summary: str


COMMANDS: Mapping[str, Late] = {
    "assess": Late("recommender.cli.assess", "assess", "Recommend a level of care for one person."),
    "batch": Late("recommender.cli.batch", "batch", "Score a table of referrals, one row a person."),
    "template": Late("recommender.cli.template", "template", "Print an empty form to fill in, as CSV or JSON."),
    "dictionary": Late("recommender.cli.dictionary", "dictionary", "Print every question with what it may hold."),
    "policy": Late("recommender.cli.policy", "policy", "Read the rules that a recommendation is made by."),
    "data": Late("recommender.cli", "data_group", "Make tables of answers: from TEDS, or simulated."),
}
DATA_COMMANDS: Mapping[str, Late] = {
    "import-teds": Late("recommender.cli.data", "import_teds", "Turn a TEDS file into a table of answers."),
    "simulate": Late("recommender.cli.data", "simulate", "Make up people, to try things out with."),
}


class LateGroup(click.Group):
    """A group whose commands are loaded when they are called, so that help is there at once."""

    def __init__(self, *, late: Mapping[str, Late], **settings: object) -> None:
        super().__init__(context_settings=CONTEXT, **settings)  # type: ignore[arg-type]
        self.late = late

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's own signature
        return list(self.late)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in self.late:
            return None
        found = self.late[cmd_name]
        command = getattr(importlib.import_module(found.module), found.attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        hint = None if args[0] in self.late else did_you_mean(args[0], self.late)
        if hint:
            ctx.fail(f"There is no command `{args[0]}`. {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self.late.items()])


class Main(LateGroup):
    """The outermost group: what goes wrong through no fault of ours ends here, in sentences and an exit code."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except RecommenderError as error:
            report(error)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)
            ctx.exit(STOPPED)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            click.echo("The disk is full: what was printed is not whole.", err=True)
            ctx.exit(InputError.exit_code)


# Not called `data`: the module of that name takes its place in this package once it is imported.
data_group = LateGroup(name="data", late=DATA_COMMANDS, help=COMMANDS["data"].summary)
main = Main(
    name="recommender",
    late=COMMANDS,
    help="""Recommends the level of care for someone who asks for help with substance use.

    Not clinically validated. It supports a clinician's decision and never makes it.
    """,
)
main = click.version_option(__version__, message="%(version)s")(main)


def run() -> None:
    """The command as a process of its own.

    Arrow's threads may still be letting go of Python objects while Python is going away, which aborts the process after
    its work is done. So once Arrow was loaded, the process ends without that last step.
    """
    try:
        main()
    except SystemExit as end:
        if "pyarrow" not in sys.modules or not isinstance(end.code, int | None):
            raise
        code = end.code or 0
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:
                code = code or InputError.exit_code
        os._exit(code)
