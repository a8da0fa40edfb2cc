"""The `recommender` command. Each of its commands lives in a module of its own that is loaded when it is called.

Exit codes: 0 done; 2 the command line cannot be read; 10 to 12 faults in what was given; 13 a policy fails its cases;
130 stopped by the user. A command's own help says what else it may return. Anything else is a bug: exit code 1, with
its traceback.
"""

from __future__ import annotations

import atexit
import errno
import os
import sys
from collections.abc import Mapping

import click

from recommender import __version__
from recommender.cli.faults import report
from recommender.cli.late import Late, LateGroup
from recommender.errors import InputError, RecommenderError

STOPPED = 130


COMMANDS: Mapping[str, Late] = {
    "assess": Late("recommender.cli.assess", "assess", "Recommend a level of care for one person."),
    "interview": Late("recommender.cli.interview", "interview", "Ask one person, in as few questions as is safe."),
    "batch": Late("recommender.cli.batch", "batch", "Score a table of referrals, one row a person."),
    "template": Late("recommender.cli.template", "template", "Print an empty form to fill in, as CSV or JSON."),
    "dictionary": Late("recommender.cli.dictionary", "dictionary", "Print every question with what it may hold."),
    "policy": Late("recommender.cli.policy", "policy_group", "Read, check, test and compare the rules."),
    "serve": Late("recommender.cli.serve", "serve", "Start the coordinators' desk, for a browser."),
    "replay": Late("recommender.cli.replay", "replay", "Compute a stored recommendation again, byte for byte."),
    "audit": Late("recommender.cli.audit", "audit_group", "Check that the audit log is whole."),
    "backup": Late("recommender.cli.backup", "backup", "Copy the whole store into one file."),
    "restore": Late("recommender.cli.backup", "restore", "Make a new store of a backup."),
    "keys": Late("recommender.cli.keys", "keys_group", "Make and renew the keys of the store."),
    "tokens": Late("recommender.cli.tokens", "tokens_group", "Let other programs use the desk's API."),
    "database": Late("recommender.cli.database", "database_group", "Make and upgrade the tables of the store."),
    "model": Late("recommender.cli.model", "model_group", "Train, judge and release models: a second opinion."),
    "policy-value": Late("recommender.cli.policy_value", "policy_value", "Tell what ways of placing people are worth."),
    "data": Late("recommender.cli", "data_group", "Make tables of answers: from TEDS, or simulated."),
}
DATA_COMMANDS: Mapping[str, Late] = {
    "import-teds": Late("recommender.cli.data", "import_teds", "Turn a TEDS file into a table of answers."),
    "simulate": Late("recommender.cli.data", "simulate", "Make up people, to try things out with."),
    "fit-population": Late(
        "recommender.cli.population", "fit_population", "Learn from a table what is likely where little is known."
    ),
}


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
    its work is done. So once Arrow was loaded, the process ends without that last step. Worker processes of joblib
    would be left behind by that, holding the pipe open that the caller reads from, so they are sent home first; and
    what was put off to the end, such as to delete the files that they shared, is done here.
    """
    try:
        main()
    except SystemExit as end:
        if "pyarrow" not in sys.modules or not isinstance(end.code, int | None):
            raise
        code = end.code or 0
        send_workers_home()
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:
                code = code or InputError.exit_code
        os._exit(code)


def send_workers_home() -> None:
    """Ends the worker processes that joblib keeps for its next task, if it has any."""
    loky = sys.modules.get("joblib.externals.loky.reusable_executor")
    executor = getattr(loky, "_executor", None)
    if executor is not None:
        executor.shutdown(wait=True, kill_workers=True)
