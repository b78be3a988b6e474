"""Tickets at the command line: the signing secret, where they may go from here, and what `check` says of them."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import click
from sqlalchemy.engine import Connection

from bridge import tickets
from bridge.check import Finding, doubtful, fine
from bridge.cli.answers import CommandError
from bridge.cli.base import Bench
from bridge.model.state import Account, AccountSettings, Wish
from bridge.secrets import Sealer, SealError
from bridge.settings import Audit, subject
from bridge.store.accounts import Hand, audit
from bridge.store.tickets import go_again, seal, sealed_of

MOST = 4_096
"""Characters that are read for a secret."""


def secret_in(given: dict[str, str]) -> str | None:
    """Take the signing secret out of what was given: from standard input or a file. Empty: it is to go; None: not given."""
    said, file = given.pop(tickets.SECRET, None), given.pop(tickets.SECRET_FILE, None)
    if said is not None and file is not None:
        raise CommandError(f"{tickets.SECRET} and {tickets.SECRET_FILE} are both given: give one of them", 2)
    if said == "":
        return ""
    if said is None and file is None:
        return None
    text = (_typed() if file is None else _in_file(file)).strip()
    try:
        tickets.keys_of(text)
    except ValueError as error:
        raise CommandError(f"{tickets.SECRET} {error}", 2) from None
    return text


def _typed() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Signing secret", hide_input=True, err=True))
    return sys.stdin.read(MOST)


def _in_file(name: str) -> str:
    try:
        with Path(name).expanduser().open(encoding="utf-8") as file:
            return file.read(MOST)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a text file"
        raise CommandError(f"{tickets.SECRET_FILE} cannot be read: {why}", 2) from None


def check_reach(bench: Bench, wanted: AccountSettings) -> None:
    """CommandError where tickets would leave for this machine itself, beside services that are none of it."""
    if tickets.wants_loopback(wanted.ticket_sink) and not bench.config.stands_alone:
        raise CommandError(
            "ticket_sink leads to this machine itself, which is for trying out beside stand-ins: give the public address",
            2,
        )


async def warn(bench: Bench, account: Account, given: Collection[str], kept: Sequence[str | None]) -> None:
    """Say what keeps tickets from getting where they are to go, where that was touched. kept: a new secret, sealed."""
    if not {"ticket_timer", "ticket_sink"}.intersection(given):
        return
    secret = kept[-1] if kept else await bench.read(lambda conn: sealed_of(conn, account.id))
    if secret is not None and tickets.way_of(account.settings.ticket_sink) == "webhook":
        return
    for each in findings(account, None, None, mail=bool(bench.config.smtp_url)):
        if each.problem is not None:
            click.echo(f"{each.problem}. {each.mend}", err=True)


def sealed(bench: Bench, secret: str) -> str | None:
    """The secret as the database keeps it; None: it is to go."""
    if not secret:
        return None
    bench.config.require(("BRIDGE_SECRET_KEY",))
    return Sealer(bench.config.secret_key.values).seal(secret)


def keep(hand: Hand, account: Account, sealed: str | None) -> None:
    """Keep it, and a line of the audit that says so and nothing of it."""
    there = sealed_of(hand.conn, account.id) is not None
    seal(hand.conn, account.id, sealed)
    go_again(hand, account.id)
    before = {tickets.SECRET: "set"} if there else {}
    after = {tickets.SECRET: "removed" if sealed is None else "replaced" if there else "set"}
    audit(hand, account, Audit(who=hand.who, action="account.set", object=subject(account), before=before, after=after))


def masked(conn: Connection, account: Account) -> dict[str, str]:
    """Whether something signs its tickets, and nothing of it."""
    return {tickets.SECRET: "" if sealed_of(conn, account.id) is None else "set"}


# ── what check says ───────────────────────────────────────────────────────────────────────────────────────


def findings(account: Account, secret: str | None, sealer: Sealer | None, *, mail: bool) -> list[Finding]:
    """Whether tickets get where they are to go, as far as settings tell. secret: sealed; mail: a server is set."""
    settings, name = account.settings, subject(account)
    if account.wish is Wish.REMOVED or not (settings.ticket_timer or settings.ticket_sink):
        return []
    match tickets.way_of(settings.ticket_sink):
        case None:
            problem = "ticket_timer is on, but nothing says where tickets go: none is made"
            mend = f"`threadbridge accounts set {name} ticket_sink=slack:C…`, `mailto:…` or `https://…`"
        case "mail" if not mail:
            problem = "its tickets are to go by e-mail, and no mail server is set: they wait"
            mend = "set BRIDGE_SMTP_URL"
        case "webhook" if (wrong := _unsigned(secret, sealer)) is not None:
            problem, mend = wrong, f"`threadbridge accounts set {name} ticket_secret=-`"
        case _:
            return [fine("tickets", name)]
    return [doubtful("tickets", name, problem, mend)]


def by_mail(account: Account) -> bool:
    """Whether its tickets go by the mail server that is set."""
    return account.wish is not Wish.REMOVED and tickets.way_of(account.settings.ticket_sink) == "mail"


def _unsigned(secret: str | None, sealer: Sealer | None) -> str | None:
    if secret is None or sealer is None:
        return "nothing signs its tickets: they wait"
    try:
        tickets.keys_of(sealer.open(secret))
    except SealError:
        return "BRIDGE_SECRET_KEY does not open what signs its tickets: they wait"
    except ValueError:
        return "what signs its tickets is no signing secret: they wait"
    return None
