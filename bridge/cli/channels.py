"""Channels that an operator names for an account: one that another company reads is taken only from who insists on it."""

from __future__ import annotations

import click

from bridge.cli.answers import CommandError
from bridge.cli.base import Bench
from bridge.model.state import Account, AccountSettings, Wish
from bridge.slack.probe import ChannelState, SlackProbe


async def refuse_shared(bench: Bench, known: Account | None, wanted: AccountSettings, *, insist: str) -> None:
    """CommandError for a channel that is new to the account and shared with another company.

    known: the account as it is. insist: how to have it all the same.
    """
    if wanted.shared_channel or not _is_new(known, wanted):
        return
    token = bench.config.slack_bot_token
    if not token.values:
        return
    probe = SlackProbe(token=token.first, base_url=bench.config.slack_api_url, http=bench.http)
    match await probe.channel(wanted.channel):
        case ChannelState(outside=True):
            raise CommandError(
                f"{wanted.channel} is shared with another company, whose people would read what customers write: "
                f"choose a channel of your own, or insist with {insist}"
            )
        case ChannelState():
            return
        case _:
            click.echo(f"Slack did not say how {wanted.channel} stands: `threadbridge check` asks it again", err=True)


def _is_new(known: Account | None, wanted: AccountSettings) -> bool:
    if known is None or known.wish is Wish.REMOVED:
        return True
    return known.settings.channel != wanted.channel or known.settings.shared_channel
