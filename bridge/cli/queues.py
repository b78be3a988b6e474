"""`threadbridge inbox` and `outbox`: facts not yet applied, effects not yet done, and what an operator may do about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click
from sqlalchemy.engine import Connection

from bridge.cli.answers import CommandError, as_json, emit, table
from bridge.cli.base import Bench, with_bench
from bridge.settings import Audit
from bridge.store import listings, schema
from bridge.store.accounts import Hand
from bridge.store.inbox import RETRIABLE
from bridge.store.workspaces import note

LARGEST = 2**63 - 1
MOST_TOLD = 20
IS = {"ready": "waiting", "working": "in hand"}
"""States of rows, where operators have a better word."""

ids = click.argument("ids", nargs=-1, type=click.IntRange(1, LARGEST), metavar="[ID...]")
limit = click.option("--limit", type=click.IntRange(1), help="Show at most so many, the oldest.")


@click.group(no_args_is_help=True)
def inbox() -> None:
    """Facts that were heard and are not yet applied."""


@inbox.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice(listings.LIVE_INBOX), help="Only these.")
@limit
@as_json
def list_facts(*, states: tuple[str, ...], limit: int | None, as_json: bool) -> None:
    """Show facts not yet applied, the oldest first."""

    async def work(bench: Bench) -> list[dict[str, Any]]:
        return await bench.read(lambda conn: listings.inbox_rows(conn, states or listings.LIVE_INBOX, limit))

    _print(
        with_bench(work),
        ("id", "lane", "source", "state", "attempts", "at", "reason"),
        as_json=as_json,
        none="Nothing waits.",
    )


@inbox.command("retry")
@ids
@as_json
def retry_facts(ids: tuple[int, ...], *, as_json: bool) -> None:
    """Decide again what is dead, or was unknown to an earlier version: these, or all."""

    async def work(bench: Bench) -> tuple[int, str]:
        def again(hand: Hand) -> tuple[int, str]:
            left = _left(listings.states_of(hand.conn, schema.inbox, ids), ids, RETRIABLE)
            count = hand.tx.facts.retry(hand.moment.steady, ids or None)
            _audit(hand, "inbox.retry", count, ids)
            return count, left

        return await bench.write(again)

    count, left = with_bench(work)
    if as_json:
        emit({"retried": count})
    elif count or not left:
        click.echo(f"{_counted(count, 'fact')} will be decided again.")
    if left:
        raise CommandError(
            f"only dead and unknown facts are decided again, not {left}: `threadbridge inbox list` shows which are"
        )


@click.group(no_args_is_help=True)
def outbox() -> None:
    """Effects that are not yet done, held, dead or unsure."""


@outbox.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice(listings.LIVE_OUTBOX), help="Only these.")
@limit
@as_json
def list_effects(*, states: tuple[str, ...], limit: int | None, as_json: bool) -> None:
    """Show effects not yet done, the oldest first."""

    async def work(bench: Bench) -> tuple[list[dict[str, Any]], int]:
        def look(conn: Connection) -> tuple[list[dict[str, Any]], int]:
            return listings.outbox_rows(conn, states or listings.LIVE_OUTBOX, limit), listings.asking(conn)

        return await bench.read(look)

    rows, asking = with_bench(work)
    heads = ("id", "lane", "kind", "state", "attempts", "not_before", "reason")
    held = _of_authors(asking) if asking and not states else ""
    _print(rows, heads, as_json=as_json, none="No effect waits." if held else "Nothing waits.")
    if held and not as_json:
        click.echo(held)


@outbox.command("retry", short_help="Try dead effects again, and held targets once.")
@ids
@as_json
def retry_effects(ids: tuple[int, ...], *, as_json: bool) -> None:
    """Try again: these if they are dead or wait, or all dead ones, and one for each held target; never what is unsure."""

    async def work(bench: Bench) -> tuple[int, list[str], str]:
        def again(hand: Hand) -> tuple[int, list[str], str]:
            left = _left(listings.states_of(hand.conn, schema.outbox, ids), ids, ("dead", "ready"))
            count, probed = hand.tx.effects.retry(hand.moment.steady, ids or None)
            _audit(hand, "outbox.retry", count, ids)
            return count, probed, left

        return await bench.write(again)

    count, probed, left = with_bench(work)
    if as_json:
        emit({"retried": count, "probed": probed})
    elif count or not left:
        effects, targets = _counted(count, "effect"), _counted(len(probed), "held target")
        click.echo(f"{effects} will be tried again; {targets} will be tried once.")
    if left:
        raise CommandError(
            f"only what is dead or waits is tried again, not {left}: `threadbridge outbox list` shows which are; "
            "what is unsure is settled in Slack"
        )


@outbox.command("drop")
@click.argument("ids", nargs=-1, required=True, type=click.IntRange(1, LARGEST), metavar="ID...")
@as_json
def drop_effects(ids: tuple[int, ...], *, as_json: bool) -> None:
    """Give these up: they are never tried again."""

    async def work(bench: Bench) -> tuple[list[int], str]:
        def give_up(hand: Hand) -> tuple[list[int], str]:
            states = listings.states_of(hand.conn, schema.outbox, ids)
            gone = hand.tx.effects.drop(ids)
            _audit(hand, "outbox.drop", len(gone), gone)
            return gone, _left(states, set(ids) - set(gone))

        return await bench.write(give_up)

    gone, left = with_bench(work)
    if as_json:
        emit({"dropped": gone})
    elif gone:
        click.echo(f"{_counted(len(gone), 'effect')} given up.")
    if left:
        raise CommandError(f"not given up: {left}; `threadbridge outbox list` shows what can be")


def _print(rows: list[dict[str, Any]], heads: tuple[str, ...], *, as_json: bool, none: str) -> None:
    if as_json:
        emit(rows)
    else:
        table([head.upper() for head in heads], [[row[head] for head in heads] for row in rows], none=none)


def _of_authors(count: int) -> str:
    """What waits for somebody's word is no effect yet: nothing here can let it go."""
    wait, their = ("answer waits", "its author is") if count == 1 else ("answers wait", "their authors are")
    return f"{count} {wait} for a word: {their} asked in a direct message of the bridge's in Slack."


def _left(states: Mapping[int, str], ids: Iterable[int], good: Sequence[str] = ()) -> str:
    """Those that are in none of the *good* states, each with what it is; all of them where none is good."""
    left = [row for row in sorted(set(ids)) if states.get(row) not in good]
    told = [f"{row} ({IS.get(states[row], states[row]) if row in states else 'not there'})" for row in left[:MOST_TOLD]]
    return ", ".join(told) + (f" and {len(left) - MOST_TOLD} more" if len(left) > MOST_TOLD else "")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _audit(hand: Hand, action: str, count: int, ids: Sequence[int]) -> None:
    """Keep that an operator did it; nothing when nothing was done."""
    if count:
        after = {"count": count} | ({"ids": list(ids)[:100]} if ids else {})
        note(hand.conn, hand.moment.now, Audit(who=hand.who, action=action, object="queue", before={}, after=after))
