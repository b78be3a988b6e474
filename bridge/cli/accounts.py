"""`threadbridge accounts`: who is connected, what is set for them, and whether messages should flow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Any

import click
from sqlalchemy.engine import Connection

from bridge import settings, tickets
from bridge.cli import ticketing
from bridge.cli.answers import (
    CommandError,
    as_json,
    confirm,
    confirm_aloud,
    emit,
    fields,
    table,
    when,
    yes,
)
from bridge.cli.base import ACCOUNT, AccountName, Bench, find_account, operator, with_bench
from bridge.cli.called import check_name
from bridge.cli.changed import check_connected, told
from bridge.cli.channels import look_for_room, look_up
from bridge.cli.comments import subscribe_to_comments
from bridge.cli.connect import add
from bridge.cli.link import connect
from bridge.cli.profile import profile
from bridge.meta.render import limits
from bridge.model.change import replace
from bridge.model.state import Account, Wish
from bridge.rules.accounts import warnings
from bridge.rules.setup import names
from bridge.rules.setup.asked import unrestored
from bridge.slack.refs import REFS
from bridge.store import accounts as stored
from bridge.store import upkeep
from bridge.store.accounts import Hand
from bridge.unread import in_english
from bridge.wording import Wording


@click.group(no_args_is_help=True)
def accounts() -> None:
    """Connected Pages and Instagram accounts. An ACCOUNT is written messenger:ID or instagram:ID."""


accounts.add_command(add)
accounts.add_command(connect)
accounts.add_command(profile)


@accounts.command("list")
@as_json
def list_(*, as_json: bool) -> None:
    """Show every account, removed ones too."""

    async def work(bench: Bench) -> list[Account]:
        return await bench.read(stored.accounts_of)

    found = with_bench(work)
    if as_json:
        emit([stored.account_json(account) for account in found])
        return
    several = len({each.workspace for each in found}) > 1
    table(
        ("ACCOUNT", "NAME", *(("WORKSPACE",) if several else ()), "CHANNEL", "WANTED", "STATE", "CAUSE"),
        [
            (
                settings.subject(each),
                each.name,
                *((each.workspace,) if several else ()),
                each.settings.channel,
                each.wish.value,
                each.health.value,
                each.cause,
            )
            for each in found
        ],
        none="No account is connected: `/bridge` in Slack leads to the first, `threadbridge accounts connect` prints a link.",
    )


@accounts.command()
@click.argument("account", type=ACCOUNT)
@as_json
def show(account: AccountName, *, as_json: bool) -> None:
    """Show one account and its settings."""

    async def work(bench: Bench) -> dict[str, Any]:
        def look(conn: Any) -> dict[str, Any]:
            found = find_account(conn, account)
            kept = upkeep.kept_of(conn, found.id)
            end = None if kept is None else warnings.end_of(kept)
            connected, expires = stored.connected_at(conn, found.id), None if end is None else end.at
            signs = ticketing.masked(conn, found)
            return stored.account_json(found) | signs | {"connected_at": when(connected), "expires_at": when(expires)}

        return await bench.read(look)

    document = with_bench(work)
    if as_json:
        emit(document)
    else:
        fields(document)


@accounts.command("set", short_help="Change settings.")
@click.argument("account", type=ACCOUNT)
@click.argument("pairs", nargs=-1, required=True, metavar="NAME=VALUE...")
@yes
@as_json
def set_(account: AccountName, pairs: tuple[str, ...], *, yes: bool, as_json: bool) -> None:
    """Change settings: name, channel, alerts_channel, owners, agents, leads, human_agent, media, card_fields, ceiling,
    answer_mode, undo_seconds, explicit_sign, signature, aliases, reactions_out, seen, comments, reopen_days, reauth_days, shared_channel,
    alert_standard, alert_human, on_call, quiet,
    auto_first, auto_away, auto_unanswered, auto_csat (and each of them with _text), hours, zone, holidays,
    customer_language, disclosure, ticket_timer, ticket_sink, ticket_secret (`-`: from standard input).

    Lists are separated by commas; `agents=` lets every full member of the workspace answer.
    """
    given = settings.parse(list(pairs))
    secret, kept = ticketing.secret_in(given), list[str | None]()

    def changed(found: Account, who: str) -> settings.Changed:
        return settings.change(found, given, who=who, refs=REFS, wire=limits(found.platform))

    async def look(bench: Bench) -> None:
        found = await bench.read(lambda conn: find_account(conn, account))
        await bench.read(lambda conn: check_connected(conn, found, account, bench.moment().now))
        after = changed(found, operator())
        await bench.read(lambda conn: check_name(conn, found, after.name))
        wanted = after.settings
        ticketing.check_reach(bench, wanted)
        if secret is not None:
            kept.append(ticketing.sealed(bench, secret))
        if found.settings.disclosure and not wanted.disclosure:
            wording = Wording(bench.config.language)
            confirm_aloud(
                wording.say("disclosure.question", account=account),
                given=yes,
                mend=wording.say("disclosure.aloud"),
            )
        await look_up(
            bench, found.workspace, found, wanted, insist=f"`threadbridge accounts set {account} shared_channel=on`"
        )
        await look_for_room(bench, replace(found, settings=wanted), found)
        await ticketing.warn(bench, replace(found, settings=wanted), given, kept)
        if wanted.comments != found.settings.comments:
            await subscribe_to_comments(bench, replace(found, settings=wanted))

    def change(hand: Hand, found: Account) -> Account:
        check_connected(hand.conn, found, account, hand.moment.now)
        after = changed(found, hand.who)
        check_name(hand.conn, found, after.name)
        for each in kept[-1:]:
            ticketing.keep(hand, found, each)
        return stored.change_settings(hand, found, after)

    _change(account, change, look=look, anew=() if secret is None else (tickets.SECRET,), as_json=as_json)


@accounts.command(short_help="Keep what customers write, and send nothing.")
@click.argument("account", type=ACCOUNT)
@as_json
def pause(account: AccountName, *, as_json: bool) -> None:
    """Keep what customers write, show it on resume, and send nothing meanwhile."""
    _wish(account, Wish.PAUSED, as_json=as_json)


@accounts.command()
@click.argument("account", type=ACCOUNT)
@as_json
def resume(account: AccountName, *, as_json: bool) -> None:
    """End a pause."""
    _wish(account, Wish.ON, as_json=as_json)


@accounts.command(short_help="Disconnect; threads and history stay.")
@click.argument("account", type=ACCOUNT)
@yes
@as_json
def remove(account: AccountName, *, yes: bool, as_json: bool) -> None:
    """Disconnect: nothing is sent or received any more, the token is forgotten, threads and history stay."""
    confirm(f"Disconnect {account}? Nothing will be sent or received for it any more.", given=yes)
    _wish(account, Wish.REMOVED, as_json=as_json)


@accounts.command(short_help="Take back that it was removed.")
@click.argument("account", type=ACCOUNT)
@as_json
def restore(account: AccountName, *, as_json: bool) -> None:
    """Take back, within 30 days, that an account was removed: settings and threads are as they were; then log in to it again."""

    async def look(bench: Bench) -> None:
        found = await bench.read(lambda conn: find_account(conn, account))
        await look_for_room(bench, found, found)

    def taken_back(hand: Hand, found: Account) -> Account:
        refusal = unrestored(found, hand.tx.setups.beside(found), hand.moment.now)
        refusal = refusal or names.still_its_own(stored.accounts_of(hand.conn, found.workspace), found)
        if refusal is not None:
            raise CommandError(in_english(refusal))
        return stored.restore(hand, found)

    _change(account, taken_back, look=look, as_json=as_json)


def _wish(name: AccountName, wish: Wish, *, as_json: bool) -> None:
    def change(hand: Hand, found: Account) -> Account:
        if wish is not Wish.REMOVED:
            check_connected(hand.conn, found, name, hand.moment.now)
        return stored.set_wish(hand, found, wish)

    _change(name, change, as_json=as_json)


def _change(
    name: AccountName,
    change: Callable[[Hand, Account], Account],
    *,
    look: Callable[[Bench], Awaitable[None]] | None = None,
    anew: Collection[str] = (),
    as_json: bool,
) -> None:
    def seen(conn: Connection, account: Account) -> dict[str, Any]:
        return stored.account_json(account) | ticketing.masked(conn, account)

    def changed(hand: Hand) -> tuple[dict[str, Any], dict[str, Any]]:
        found = find_account(hand.conn, name)
        before = seen(hand.conn, found)
        return before, seen(hand.conn, change(hand, found))

    async def work(bench: Bench) -> tuple[dict[str, Any], dict[str, Any]]:
        if look is not None:
            await look(bench)
        return await bench.write(changed)

    before, after = with_bench(work)
    if as_json:
        emit(after)
    elif different := told(before, after, anew=anew):
        fields(different)
    else:
        click.echo("Nothing is different: it was so already.")
