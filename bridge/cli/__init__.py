"""The commands: `threadbridge …`. Each does one thing, says how it ended by its exit code, and never shows a secret.

0 done · 1 what was asked for failed · 2 wrong usage · 3 bad or missing settings · 4 database unreachable or of another
version. An error is one line on standard error: what is wrong, where, and the mend.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import click

from bridge import __version__
from bridge.cli.answers import CommandError
from bridge.model.errors import AlreadyRunning, BridgeError, StoreUnavailable, UnusableSetting, WrongSchema
from bridge.settings import SettingError

PLACES = {
    "run": "service",
    "demo": "service",
    "migrate": "service",
    "keygen": "service",
    "manifest": "service",
    "prune": "service",
    "check": "findings",
    "accounts": "accounts",
    "conversations": "conversations",
    "inbox": "queues",
    "outbox": "queues",
    "report": "report",
    "audit": "records",
}
"""Which file a command stands in; it is read when the command is called, so that the others start quickly."""

EXIT_CODES: tuple[tuple[type[Exception], int], ...] = (
    (SettingError, 2),
    (AlreadyRunning, 2),
    (UnusableSetting, 3),
    (WrongSchema, 4),
    (BridgeError, 1),
)


class Commands(click.Group):
    """The commands, each read from its file when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all of them."""
        return sorted(PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Read one."""
        place = PLACES.get(cmd_name)
        if place is None:
            return None
        found = getattr(import_module(f"bridge.cli.{place}"), cmd_name)
        return found if isinstance(found, click.Command) else None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, prog_name="threadbridge")
@click.option("--debug", is_flag=True, expose_value=False, help="Show where in the program an error came from.")
def commands() -> None:
    """Instagram and Messenger conversations as Slack threads, and agents' replies back to the customers."""


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command that *argv* (by default the process's own) names, and leave with its exit code."""
    gc.set_threshold(50_000, 20, 20)  # what is imported stays: looking through it for garbage is a seventh of a start
    given = list(sys.argv[1:] if argv is None else argv)
    words = [word for word in given if word != "--debug"]
    sys.exit(_run(words, debug=len(words) < len(given)))


def _run(words: list[str], *, debug: bool) -> int:
    try:
        code = commands.main(words, prog_name="threadbridge", standalone_mode=False)
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - whatever it is, it becomes one line and an exit code
        return _fail(error, debug=debug)
    return code if isinstance(code, int) else 0


def _fail(error: BaseException, *, debug: bool) -> int:
    """Say in one line what went wrong; return the exit code."""
    if debug:
        traceback.print_exception(error)
    if isinstance(error, BrokenPipeError):  # whoever read our output went away: there is nobody to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    code, text = _told(error)
    if text:
        click.echo(f"threadbridge: {' '.join(text.split())}", err=True)
    return code


def _told(error: BaseException) -> tuple[int, str]:
    match error:
        case BaseExceptionGroup():  # several tasks ended at once: our own errors say most
            leaves = _leaves(error)
            return _told(next((leaf for leaf in leaves if isinstance(leaf, BridgeError | CommandError)), leaves[0]))
        case click.exceptions.NoArgsIsHelpError():
            click.echo(error.ctx.get_help(), err=True)
            return 2, ""
        case click.UsageError():
            help_at = error.ctx.command_path if error.ctx else "threadbridge"
            return 2, f"{error.format_message().rstrip('.')}: see `{help_at} --help`"
        case click.ClickException():
            return 2, error.format_message()
        case click.Abort() | KeyboardInterrupt():
            return 1, "stopped: nothing more was done"
        case CommandError():
            return error.code, str(error)
        case StoreUnavailable():
            return 4, f"{error}: see that it runs and has room, and that BRIDGE_DATABASE_URL leads to it"
        case _:
            for kind, code in EXIT_CODES:
                if isinstance(error, kind):
                    return code, str(error)
    return 1, f"an error that should not happen ({type(error).__name__}): run it again with --debug and report it"


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
