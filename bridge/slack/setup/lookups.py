"""What Slack says of whom and what somebody names, before anything is changed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from bridge.model.ids import GroupRef, PersonRef, PlaceRef, WorkspaceId
from bridge.slack.errors import NO_CHANNEL, NO_PERSON
from bridge.slack.phrase import Filling, Group, Mention, Place
from bridge.slack.probe import ChannelState, NoSlack, PersonState
from bridge.slack.setup.room import Want


class Probe(Protocol):
    """What is asked of Slack (`bridge.slack.probe.SlackProbe`)."""

    async def channel(self, place: PlaceRef) -> ChannelState | NoSlack:
        """How a channel stands."""
        ...

    async def person(self, person: PersonRef) -> PersonState | NoSlack:
        """Who somebody is."""
        ...

    async def groups(self) -> frozenset[GroupRef] | NoSlack:
        """Which user groups are in use."""
        ...


ProbeFor = Callable[[WorkspaceId], Probe | None]
"""Gives who asks Slack about a workspace; None: there is no token for it."""
Wrong = tuple[str, dict[str, Filling]] | None
"""A key of the catalogue with its values; None: nothing is wrong."""


async def wrong(probe: Probe, want: Want) -> Wrong:
    """Return what is wrong with the first that cannot be taken."""
    asked: list[Awaitable[Wrong]] = [_place(probe, each, want) for each in want.places]
    asked += [_person(probe, each) for each in want.people]
    asked += [_groups(probe, want.groups)] if want.groups else []
    return next((each for each in await asyncio.gather(*asked) if each is not None), None)


async def _place(probe: Probe, place: PlaceRef, want: Want) -> Wrong:
    named: dict[str, Filling] = {"channel": Place(channel=place)}
    insists = want.account is not None and want.account.settings.shared_channel
    match await probe.channel(place):
        case NoSlack(code=code) if code in NO_CHANNEL:
            return "command.channel_unknown", named
        case NoSlack():
            return "command.channel_unasked", named
        case ChannelState(archived=True):
            return "command.channel_archived", named
        case ChannelState(member=False):
            return "command.channel_not_in", named
        case ChannelState(writable=False):
            return "command.channel_read_only", named
        case ChannelState(outside=True) if "channel" in want.values and not insists:
            return "command.channel_shared", named
        case ChannelState():
            return None


async def _person(probe: Probe, person: PersonRef) -> Wrong:
    named: dict[str, Filling] = {"agent": Mention(person=person)}
    match await probe.person(person):
        case NoSlack(code=code) if code in NO_PERSON:
            return "command.person_unknown", {"name": str(person)}
        case NoSlack():
            return "command.person_unasked", named
        case PersonState(gone=True):
            return "command.person_gone", named
        case PersonState(bot=True):
            return "command.person_bot", named
        case PersonState():
            return None


async def _groups(probe: Probe, groups: tuple[GroupRef, ...]) -> Wrong:
    there = await probe.groups()
    if isinstance(there, NoSlack):
        return "command.group_unasked", {"group": Group(group=groups[0])}
    unknown = [each for each in groups if each not in there]
    return ("command.group_unknown", {"name": str(unknown[0])}) if unknown else None
