"""`threadbridge accounts connect`: a link by which somebody logs in at Meta and connects an account, or renews it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from bridge.chosen import apps_of, links_of
from bridge.cli.answers import CommandError, as_json, emit
from bridge.cli.base import ACCOUNT, AccountName, Bench, find_account, with_bench
from bridge.cli.channels import look_up
from bridge.cli.connect import workspace_of
from bridge.config import Config
from bridge.connect.links import PRINTED
from bridge.model.ids import PlaceRef, WorkspaceId
from bridge.model.state import Account, AccountSettings, Login, Platform, Wish
from bridge.slack import refs
from bridge.store.workspaces import keep_workspace

NEEDS = ("BRIDGE_SECRET_KEY",)


@click.command(short_help="Print a link by which somebody logs in and connects an account.")
@click.argument("account", type=ACCOUNT, required=False)
@click.option("--channel", metavar="C...", help="Where its conversations go; can still be chosen on the page.")
@click.option("--alerts-channel", metavar="C...", help="Where its alerts go; likewise.")
@click.option(
    "--login", type=click.Choice(["facebook", "instagram"]), help="By which login (chosen on the page unless said)."
)
@click.option("--workspace", metavar="T...", help="Needed when several workspaces are connected.")
@as_json
def connect(account: AccountName | None, *, as_json: bool, **given: Any) -> None:
    """Print a link, good for an hour and for one login: whoever opens it logs in at Meta and connects accounts.

    With ACCOUNT: to log in to that one again; everything else about it stays as it is. Needs BRIDGE_PUBLIC_URL, which must
    be where the service is reached.
    """
    login = Login(given["login"]) if given["login"] else None
    if account is not None and account.platform is Platform.MESSENGER and login is Login.INSTAGRAM:
        raise click.UsageError("Messenger has no Instagram Login: leave out --login instagram")

    async def work(bench: Bench) -> tuple[str, datetime]:
        return await _made(bench, account, login, given)

    url, until = with_bench(work, needs=NEEDS)
    if as_json:
        emit({"url": url, "expires_at": until})
    else:
        click.echo(url)


async def _made(
    bench: Bench, name: AccountName | None, login: Login | None, given: dict[str, Any]
) -> tuple[str, datetime]:
    known = None if name is None else await bench.read(lambda conn: find_account(conn, name))
    if known is not None and known.wish is Wish.REMOVED:
        known = None  # it is connected as a new one
    _require(bench.config, login or (known.login if known is not None else None))
    workspace, fresh = await workspace_of(bench, given["workspace"], known)
    channel, alerts = await _places(bench, workspace, known, given)
    if fresh is not None:
        await bench.write(lambda hand: keep_workspace(hand.conn, fresh))
    until = bench.clock.now() + PRINTED
    url = links_of(bench.config, bench.clock).make(
        workspace,
        account=known.id if known is not None else None,
        channel=channel,
        alerts_channel=alerts,
        login=login,
    )
    assert url is not None  # noqa: S101 - the public address was asked for above
    return url, until


def _require(config: Config, login: Login | None) -> None:
    """What the pages need; CommandError for the first that is missing."""
    if config.public_url is None:
        raise CommandError(
            "BRIDGE_PUBLIC_URL is missing: set it to the https address at which people and Meta reach the service", 3
        )
    apps = apps_of(config)
    lacks = [apps.missing(each) for each in ([login] if login is not None else list(Login))]
    if all(lacks):
        raise CommandError(
            f"nobody can log in yet: set {' and '.join(lacks[0])}; docs/connecting-meta.md says where they stand", 3
        )


async def _places(
    bench: Bench, workspace: WorkspaceId, known: Account | None, given: dict[str, Any]
) -> tuple[PlaceRef | None, PlaceRef | None]:
    """The channels that were named, if Slack knows them."""
    channel, alerts = (_place(given[name]) for name in ("channel", "alerts_channel"))
    wanted = [place for place in (channel, alerts) if place is not None]
    if wanted:
        settings = AccountSettings(channel=channel or wanted[0], alerts_channel=alerts)
        await look_up(bench, workspace, known, settings, insist="`threadbridge accounts add … --allow-shared-channel`")
    return channel, alerts


def _place(text: str | None) -> PlaceRef | None:
    if text is None:
        return None
    place = refs.place(text)
    if place is None:
        raise CommandError(f"{text} is no id of a channel: take it from the channel’s details in Slack", 2)
    return place
