"""`threadbridge check --checklist`: of each account what must be so before customers can be answered, and what is known of it."""

from __future__ import annotations

from collections.abc import Sequence

import aiohttp
import click
from sqlalchemy.engine import Connection

from bridge.check import FIRST, sealed
from bridge.checklist import Confirmed, Item, Known, Told, items_of
from bridge.chosen import graph_of, pace_of
from bridge.cli.base import open_clock
from bridge.config import Config
from bridge.meta.login import Identity, MetaLogin, Refusal, whose_of
from bridge.model.state import Account, Wish
from bridge.secrets import Sealer
from bridge.store import accounts as stored
from bridge.store.confirmed import confirmed
from bridge.store.store import open_store

SIGNS = {Known.PASS: "ok", Known.FAIL: "!!", Known.UNKNOWN: " ?"}


async def items(config: Config) -> list[Item]:
    """Ask Meta about every account that is connected."""
    async with aiohttp.ClientSession() as http:
        clock = await open_clock(config, http)
        store = await open_store(config.database_url, clock=clock, pace=pace_of(config))
        try:
            async with store.reading() as connection:
                kept = await connection.run_sync(_read)
        finally:
            await store.close()
        meta, sealer = MetaLogin(http=http, graph=graph_of(config)), Sealer(config.secret_key.values)
        found: list[Item] = []
        for account, token, ticked in kept:
            found += items_of(account, await _told(account, sealed(account, token, sealer), ticked, meta))
    return found


def _read(conn: Connection) -> Sequence[tuple[Account, str | None, Confirmed]]:
    live = [each for each in stored.accounts_of(conn) if each.wish is not Wish.REMOVED]
    return [(each, stored.sealed_of(conn, each.id), _ticked(conn, each)) for each in live]


def _ticked(conn: Connection, account: Account) -> Confirmed:
    found = confirmed(conn, account)
    return Confirmed() if found is None else Confirmed(items=found[0], at=found[1], who=found[2])


async def _told(account: Account, token: object, ticked: Confirmed, meta: MetaLogin) -> Told:
    """What Meta says; of a login that it refuses nothing else is asked."""
    if not isinstance(token, str):
        return Told(confirmed=ticked)
    whose = whose_of(account)
    login: Identity | Refusal = await meta.identify(token, whose)
    if isinstance(login, Refusal):
        return Told(login=login, confirmed=ticked)
    webhooks = await meta.subscription(token, whose)
    return Told(
        login=login, webhooks=webhooks, reading=await meta.first_conversations_call(token, whose), confirmed=ticked
    )


def show(found: Sequence[Item]) -> None:
    """Print them, account by account."""
    if not found:
        click.echo(f"No account is connected: {FIRST}.")
    account = None
    for each in found:
        if each.account != account:
            account = each.account
            click.echo(account)
        click.echo(f"{SIGNS[each.known]}  {each.item}: {each.says}")
        click.echo(f"      {each.by}")
        if each.mend is not None and each.mend != each.says:
            click.echo(f"      → {each.mend}")
