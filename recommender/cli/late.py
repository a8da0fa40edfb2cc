"""Groups of commands that are loaded when they are called, so that help is there at once."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import click

from recommender.errors import did_you_mean

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Late(NamedTuple):
    """A command that is not loaded yet: where it is, and its line in the list of commands."""

    module: str
    attribute: str
    summary: str


class LateGroup(click.Group):
    """A group whose commands are loaded when they are called, so that help is there at once."""

    def __init__(self, *, late: Mapping[str, Late], **settings: Any) -> None:
        super().__init__(context_settings=CONTEXT, **settings)
        self.late = late

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's own signature
        return list(self.late)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's own signature
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

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # the same
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self.late.items()])
