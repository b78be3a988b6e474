"""`threadbridge inbox` and `outbox`: facts not yet applied, effects not yet done, and what an operator may do about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from bridge.cli.answers import CommandError, as_json, emit, table
from bridge.cli.base import Bench, with_bench
from bridge.settings import Audit
from bridge.store import listings
from bridge.store.accounts import Hand
from bridge.store.workspaces import note

LARGEST = 2**63 - 1

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
    """Decide dead facts again: these, or all."""

    async def work(bench: Bench) -> int:
        def again(hand: Hand) -> int:
            count = hand.tx.facts.retry(hand.moment.steady, ids or None)
            _audit(hand, "inbox.retry", count, ids)
            return count

        return await bench.write(again)

    count = with_bench(work)
    if as_json:
        emit({"retried": count})
    else:
        click.echo(f"{_counted(count, 'fact')} will be decided again.")
    if ids and count < len(set(ids)):
        raise CommandError(
            f"{len(set(ids)) - count} of them are not dead facts: `threadbridge inbox list` shows which are"
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

    async def work(bench: Bench) -> list[dict[str, Any]]:
        return await bench.read(lambda conn: listings.outbox_rows(conn, states or listings.LIVE_OUTBOX, limit))

    heads = ("id", "lane", "kind", "state", "attempts", "not_before", "reason")
    _print(with_bench(work), heads, as_json=as_json, none="Nothing waits.")


@outbox.command("retry", short_help="Try dead effects again, and held targets once.")
@ids
@as_json
def retry_effects(ids: tuple[int, ...], *, as_json: bool) -> None:
    """Try again: these if they are dead or wait, or all dead ones, and one for each held target; never what is unsure."""

    async def work(bench: Bench) -> tuple[int, list[str]]:
        def again(hand: Hand) -> tuple[int, list[str]]:
            count, probed = hand.tx.effects.retry(hand.moment.steady, ids or None)
            _audit(hand, "outbox.retry", count, ids)
            return count, probed

        return await bench.write(again)

    count, probed = with_bench(work)
    if as_json:
        emit({"retried": count, "probed": probed})
    else:
        effects, targets = _counted(count, "effect"), _counted(len(probed), "held target")
        click.echo(f"{effects} will be tried again; {targets} will be tried once.")
    if left := len(set(ids)) - count if ids else 0:
        raise CommandError(
            f"{left} of them are neither dead nor waiting: `threadbridge outbox list` shows their state; "
            "what is unsure is settled in Slack"
        )


@outbox.command("drop")
@click.argument("ids", nargs=-1, required=True, type=click.IntRange(1, LARGEST), metavar="ID...")
@as_json
def drop_effects(ids: tuple[int, ...], *, as_json: bool) -> None:
    """Give these up: they are never tried again."""

    async def work(bench: Bench) -> list[int]:
        def give_up(hand: Hand) -> list[int]:
            gone = hand.tx.effects.drop(ids)
            _audit(hand, "outbox.drop", len(gone), gone)
            return gone

        return await bench.write(give_up)

    gone = with_bench(work)
    if as_json:
        emit({"dropped": gone})
    else:
        click.echo(f"{_counted(len(gone), 'effect')} given up.")
    if len(gone) < len(set(ids)):
        left = ", ".join(str(row) for row in sorted(set(ids) - set(gone)))
        raise CommandError(
            f"not given up, because in hand, ended or unknown: {left}; `threadbridge outbox list` shows their state"
        )


def _print(rows: list[dict[str, Any]], heads: tuple[str, ...], *, as_json: bool, none: str) -> None:
    if as_json:
        emit(rows)
    else:
        table([head.upper() for head in heads], [[row[head] for head in heads] for row in rows], none=none)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _audit(hand: Hand, action: str, count: int, ids: Sequence[int]) -> None:
    """Keep that an operator did it; nothing when nothing was done."""
    if count:
        after = {"count": count} | ({"ids": list(ids)[:100]} if ids else {})
        note(hand.conn, hand.moment.now, Audit(who=hand.who, action=action, object="queue", before={}, after=after))
