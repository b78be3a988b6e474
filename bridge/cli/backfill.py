"""`threadbridge conversations backfill`: what no delivery told is read from Meta's record, by the running service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import click
from sqlalchemy.engine import Connection

from bridge.cli.answers import CommandError, as_json, emit, table, when
from bridge.cli.base import SINCE, AccountName, Bench, find_account, start_of, with_bench
from bridge.cli.changed import check_connected
from bridge.cli.which import Which, conversation_meant
from bridge.model.effects import Queued
from bridge.model.ids import ConversationId
from bridge.model.state import Account, Platform, Wish
from bridge.model.word import Word
from bridge.rules.customers import history
from bridge.settings import Audit, subject
from bridge.store import accounts as stored
from bridge.store import health
from bridge.store.accounts import Hand
from bridge.store.reading import scene_of

USUAL = timedelta(days=7)
"""So far back an answer may still go."""
ALONE = "no service is running: what is queued is read once `threadbridge run` is started"


class Wanted(Word, kw_only=True):
    """One reading: of an account, or of one conversation of it."""

    account: Account
    conversation: ConversationId | None = None

    def queued(self, hand: Hand, since: datetime) -> Queued:
        """What does it."""
        scene = None if self.conversation is None else scene_of(hand.conn, self.conversation)
        if scene is None:
            return history.read_account(self.account, since, hand.moment)
        return history.read_conversation(scene, since, hand.moment)


@click.command(short_help="Read what no delivery told from Meta's record.")
@click.argument("which", nargs=-1, metavar="[ACCOUNT|ID...]")
@click.option("--since", type=SINCE, help="From then on: a moment in UTC, or how long ago.  [default: 7d]")
@as_json
def backfill(which: tuple[str, ...], *, since: datetime | timedelta | None, as_json: bool) -> None:
    """Have the service read Meta's record of these accounts or conversations, or of all accounts.

    Messages that no delivery told are shown in their threads, marked. Of each conversation Meta tells the newest 20
    messages; requests on Instagram that nobody answered for 30 days it tells no more.
    """

    async def work(bench: Bench) -> tuple[list[dict[str, Any]], bool]:
        start = start_of(since or USUAL, bench.clock.now())
        if start > bench.clock.now():
            raise click.BadParameter("that moment has not come yet", param_hint="--since")
        rows = await bench.write(lambda hand: _queue(hand, bench, which, start))
        return rows, await bench.read(_alive)

    rows, alive = with_bench(work)
    if as_json:
        emit(rows)
    else:
        heads = ("account", "conversation", "since")
        table(
            [head.upper() for head in heads], [[row[head] for head in heads] for row in rows], none="Nothing to read."
        )
    if not alive:
        click.echo(f"threadbridge: {ALONE}", err=True)


def _queue(hand: Hand, bench: Bench, which: tuple[str, ...], start: datetime) -> list[dict[str, Any]]:
    """Queue what is meant, each once, and leave a line in the audit for each."""
    wanted = [_meant(hand.conn, bench, each) for each in which] if which else _everything(hand.conn)
    wanted = list({(each.account.id, each.conversation): each for each in wanted}.values())
    hand.tx.effects.add([each.queued(hand, start) for each in wanted], hand.moment.steady)
    for each in wanted:
        after = {"since": when(start), "conversation": each.conversation}
        line = Audit(
            who=hand.who, action="conversations.backfill", object=subject(each.account), before={}, after=after
        )
        stored.audit(hand, each.account, line)
    return [_row(each, start) for each in wanted]


def _row(wanted: Wanted, start: datetime) -> dict[str, Any]:
    name = AccountName(platform=wanted.account.platform, remote_id=wanted.account.remote_id)
    return {"account": str(name), "conversation": wanted.conversation, "since": when(start)}


def _everything(conn: Connection) -> list[Wanted]:
    return [Wanted(account=each) for each in stored.accounts_of(conn) if each.wish is not Wish.REMOVED]


def _meant(conn: Connection, bench: Bench, text: str) -> Wanted:
    """An account, written as ever, or a conversation, by its own id or its customer's."""
    platform, colon, remote_id = text.partition(":")
    if colon:
        if platform not in set(Platform) or not remote_id:
            raise click.BadParameter("an account is written messenger:ID or instagram:ID", param_hint=text)
        account = find_account(conn, AccountName(platform=Platform(platform), remote_id=remote_id))
        check_connected(conn, account, text, bench.moment().now)
        return Wanted(account=account)
    conversation = conversation_meant(conn, bench, text, Which())
    scene = scene_of(conn, conversation)
    if scene is None:
        raise CommandError(f"conversation {text} is gone")
    check_connected(conn, scene.account, f"the account of conversation {text}", bench.moment().now)
    return Wanted(account=scene.account, conversation=conversation)


def _alive(conn: Connection) -> bool:
    """Whether a service is there to do it."""
    beat = health.last_beat(conn, "all", "worker")
    return beat is not None and datetime.now(UTC) - beat <= health.DEAD_AFTER
