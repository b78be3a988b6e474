"""What an operator names for an account in Slack: channels, members and user groups are asked for before they are kept.

A channel that another company reads is taken only from who insists on it. Without a token for Slack nothing is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

from bridge import tickets
from bridge.cli.answers import CommandError
from bridge.cli.base import Bench, probe_of
from bridge.model.ids import GroupRef, PersonRef, PlaceRef, WorkspaceId
from bridge.model.state import Account, AccountSettings, Wish
from bridge.rules.setup import routes
from bridge.slack.errors import NO_CHANNEL, NO_PERSON
from bridge.slack.probe import ChannelState, NoSlack, PersonState, SlackProbe
from bridge.store import accounts as stored
from bridge.unread import in_english


async def look_up(
    bench: Bench, workspace: WorkspaceId, known: Account | None, wanted: AccountSettings, *, insist: str
) -> None:
    """CommandError for what Slack does not know, and for a new channel that is shared with another company.

    known: the account as it is; what it has already is not asked for again. insist: how to have a shared channel all the
    same.
    """
    probe = await probe_of(bench, workspace)
    if probe is None:
        return
    before = None if known is None or known.wish is Wish.REMOVED else known.settings
    for place in _places(before, wanted):
        await _look_at_place(probe, place, wanted, insist=insist)
    people = [*_people(wanted)]
    old = [] if before is None else [*_people(before)]
    await _look_at_people(probe, [each for each in dict.fromkeys(people) if each not in old])
    groups = () if before is None else (*before.agent_groups, *before.lead_groups, *before.on_call_groups)
    named = dict.fromkeys((*wanted.agent_groups, *wanted.lead_groups, *wanted.on_call_groups))
    await _look_at_groups(probe, [each for each in named if each not in groups])


def _people(settings: AccountSettings) -> Iterator[PersonRef]:
    """Everybody whom an account names."""
    yield from (*settings.owners, *settings.agents, *settings.leads, *settings.on_call)
    yield from (person for person, _ in settings.aliases)


async def look_for_room(bench: Bench, wanted: Account, known: Account | None) -> None:
    """CommandError where an account's channel has as many of its platform as are allowed. known: the account as it is."""
    most = bench.config.routes_per_channel
    accounts = await bench.read(lambda conn: stored.accounts_of(conn, wanted.workspace)) if most else []
    if (why := routes.crowded(accounts, known, wanted, most)) is not None:
        raise CommandError(in_english(why))


def _places(before: AccountSettings | None, wanted: AccountSettings) -> list[PlaceRef]:
    """What is new to the account; and its channel again when it may no longer be shared."""
    named = (wanted.channel, wanted.alerts_channel, tickets.place_of(wanted.ticket_sink))
    places = dict.fromkeys(each for each in named if each is not None)
    if before is None:
        return list(places)
    old = {before.channel, before.alerts_channel, tickets.place_of(before.ticket_sink)}
    if before.shared_channel and not wanted.shared_channel:
        old.discard(wanted.channel)
    return [each for each in places if each not in old]


async def _look_at_place(probe: SlackProbe, place: PlaceRef, wanted: AccountSettings, *, insist: str) -> None:
    match await probe.channel(place):
        case NoSlack(code=code) if code in NO_CHANNEL:
            raise CommandError(
                f"Slack knows no channel {place}, or it is private and the bridge is not in it: "
                "take the id from the channel\u2019s details, or invite the bridge there first",
                2,
            )
        case NoSlack():
            click.echo(f"Slack did not say how {place} stands: `threadbridge check` asks it again", err=True)
        case ChannelState(outside=True) if place == wanted.channel and not wanted.shared_channel:
            raise CommandError(
                f"{place} is shared with another company, whose people would read what customers write: "
                f"choose a channel of your own, or insist with {insist}"
            )
        case ChannelState(archived=True):
            click.echo(f"{place} is archived, so that nothing can be shown there: unarchive it", err=True)
        case ChannelState(member=False):
            click.echo(
                f"The bridge is not in {place}, so that nothing can be shown there: "
                "type /invite and the bridge\u2019s name in the channel",
                err=True,
            )
        case ChannelState():
            return


async def _look_at_people(probe: SlackProbe, people: Iterable[PersonRef]) -> None:
    """CommandError for somebody whom Slack does not know; of others who can do nothing here a word is said."""
    unsaid: list[str] = []
    for person in people:
        match await probe.person(person):
            case NoSlack(code=code) if code in NO_PERSON:
                raise CommandError(f"Slack knows no member {person}: take the id from their profile, Copy member ID", 2)
            case NoSlack():
                unsaid.append(person)
            case PersonState(gone=True):
                click.echo(f"{person} is deactivated in Slack: name somebody else", err=True)
            case PersonState(bot=True):
                click.echo(f"{person} is a bot: no answer comes from it, and it hears of no trouble", err=True)
            case PersonState():
                pass
    if unsaid:
        click.echo(f"Slack did not say whether it knows {', '.join(unsaid)}", err=True)


async def _look_at_groups(probe: SlackProbe, groups: list[GroupRef]) -> None:
    """CommandError for a group that Slack does not know, or that is switched off: nobody would be in it."""
    if not groups:
        return
    there = await probe.groups()
    if isinstance(there, NoSlack):
        click.echo(f"Slack did not say whether it knows {', '.join(groups)}", err=True)
        return
    for group in groups:
        if group not in there:
            raise CommandError(
                f"Slack knows no user group {group} that is in use: take the id from the group\u2019s menu, Copy group ID",
                2,
            )
