"""`threadbridge conversations`: listed without words, shown and exported with them, erased for good."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy.engine import Connection

from bridge import lanes
from bridge.cli.answers import CommandError, as_json, confirm, document_text, emit, table, yes
from bridge.cli.backfill import backfill
from bridge.cli.base import ACCOUNT, Bench, with_bench
from bridge.cli.which import WINDOWS, WORKS, Which, conversation_meant
from bridge.meta import envelope
from bridge.model.effects import AnyEffect, RemoveFile, RemovePost
from bridge.model.ids import ConversationId, PostRef
from bridge.model.state import Account, Customer
from bridge.slack import sift
from bridge.store import conversations as stored
from bridge.store.accounts import Hand


def _which(function: Any) -> Any:
    """The options by which conversations are chosen."""
    for option in (
        click.option("--limit", type=click.IntRange(1), help="Only the latest active so many."),
        click.option("--customer", metavar="ID", help="Only this customer's: the id that the network knows."),
        click.option("--state", type=click.Choice([*WORKS, *WINDOWS]), help="Only in this state of work or window."),
        click.option("--account", type=ACCOUNT, help="Only of this account."),
    ):
        function = option(function)
    return function


@click.group(no_args_is_help=True)
def conversations() -> None:
    """Conversations, by account, state or the customer's id."""


conversations.add_command(backfill)


@conversations.command("list")
@_which
@as_json
def list_(*, as_json: bool, **given: Any) -> None:
    """Show conversations without words, the latest active first."""
    which = Which(**given)

    async def work(bench: Bench) -> list[dict[str, Any]]:
        return await bench.read(lambda conn: which.find(conn, bench))

    rows = with_bench(work)
    if as_json:
        emit(rows)
        return
    heads = ("id", "account", "customer", "work", "window", "standard_close", "human_close")
    table(
        [head.upper() for head in heads],
        [[row[head] for head in heads] for row in rows],
        none="There is no such conversation." if which.chooses else "There are no conversations yet.",
    )


@conversations.command(short_help="Show one conversation with its words.")
@click.argument("conversation", metavar="ID")
@_which
@as_json
def show(conversation: str, *, as_json: bool, **given: Any) -> None:
    """Show one conversation with its words; ID is its own, or the customer's."""
    which = Which(**given)

    async def work(bench: Bench) -> dict[str, Any]:
        return await bench.read(lambda conn: _shown(conn, bench, conversation_meant(conn, bench, conversation, which)))

    document = with_bench(work)
    if as_json:
        emit(document)
    else:
        click.echo(stored.as_text(document), nl=False)


@conversations.command(short_help="Write conversations with their words.")
@click.argument("chosen", nargs=-1, metavar="[ID...]")
@_which
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write into this file.")
@click.option("--format", "form", type=click.Choice(["json", "text"]), default="json", show_default=True)
@as_json
def export(chosen: tuple[str, ...], *, output: Path | None, form: str, as_json: bool, **given: Any) -> None:
    """Write conversations with their words, as JSON or text: these, or all that the options choose.

    The audit keeps a line for each, so that somebody hears of it when a customer takes back what has left the house.
    """
    which = Which(**given)

    async def work(bench: Bench) -> list[dict[str, Any]]:
        def look(hand: Hand) -> list[dict[str, Any]]:
            if chosen:
                ids = [conversation_meant(hand.conn, bench, each, which) for each in chosen]
            else:
                ids = [ConversationId(row["id"]) for row in which.find(hand.conn, bench)]
            stored.leaves(hand.conn, hand.moment, ids, who=hand.who)
            return [_shown(hand.conn, bench, each) for each in ids]

        return await bench.write(look)

    found = with_bench(work)
    if form == "text" and not as_json:
        text = "\n".join(stored.as_text(document) for document in found)
        _write(text, output)
    elif output is None:
        emit(found)
    else:
        _write(f"{document_text(found)}\n", output)


@conversations.command(short_help="Forget one conversation for good.")
@click.argument("conversation", metavar="ID")
@_which
@yes
@as_json
def erase(conversation: str, *, yes: bool, as_json: bool, **given: Any) -> None:
    """Forget what was said and who the customer is, for good; ID is the conversation's own, or the customer's."""
    which = Which(**given)
    confirm(f"Erase conversation {conversation} for good?", given=yes)
    erased = with_bench(lambda bench: erase_one(bench, conversation, which))
    if as_json:
        emit(erased)
    elif erased["messages"] or erased["items"] or erased["posts"]:
        click.echo(f"Erased conversation {erased['id']}: {erased['messages']} messages, {erased['posts']} posts.")
    else:
        click.echo(f"Of conversation {erased['id']} nothing was left to erase.")


async def erase_one(bench: Bench, conversation: str, which: Which) -> dict[str, Any]:
    """Forget one conversation, have its posts taken away, and empty the database's log."""

    def work(hand: Hand) -> tuple[ConversationId, stored.Erased]:
        meant = conversation_meant(hand.conn, bench, conversation, which)
        erased = stored.erase(hand.conn, meant, hand.moment, who=hand.who, heard=heard)
        if erased is None:
            raise CommandError(f"conversation {meant} is gone")
        removals: list[AnyEffect] = [RemovePost(workspace=erased.workspace, ref=ref) for ref in erased.posts]
        removals += [RemoveFile(workspace=erased.workspace, conversation=meant, file=file) for file in erased.files]
        position = lanes.micros(hand.moment.now)
        queued = [lanes.queue(removal, position=position) for removal in removals]
        hand.tx.effects.add([*queued, *erased.redrawn], hand.moment.steady)
        return meant, erased

    meant, erased = await bench.write(work)
    await bench.store.checkpoint()
    return {"id": meant, "messages": erased.messages, "items": erased.items, "posts": len(erased.posts)}


def heard(account: Account, customer: Customer, roots: Sequence[PostRef]) -> list[str]:
    """Where in the inbox what was heard of a conversation stands, by those who put it there."""
    ids = [name for name in (customer.remote_id, customer.comments_as) if name is not None]
    network = [lane for name in ids for lane in envelope.lanes_of(account.platform, account.remote_id, name)]
    return [*network, *(sift.lane_of(account.workspace, root) for root in roots)]


def _shown(conn: Connection, bench: Bench, conversation: ConversationId) -> dict[str, Any]:
    document = stored.shown(conn, conversation, bench.clock.now())
    if document is None:
        raise CommandError(f"conversation {conversation} is gone")
    return document


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{output} cannot be written: {error.strerror}") from None
    click.echo(f"Written to {output}.", err=True)
