"""What Slack and the network say at this moment of what is set up, asked side by side, as far as they answer in time."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Protocol

import structlog

from bridge import tickets
from bridge.model.change import replace
from bridge.model.ids import PlaceRef
from bridge.model.state import Account
from bridge.model.survey import Examined
from bridge.slack.setup.lookups import Probe
from bridge.slack.setup.room import Room

log = structlog.get_logger(__name__)

AT_ONCE = 8
"""So many questions are on their way at a time."""


class Examiner(Protocol):
    """What is asked of the network (`bridge.examining.Examining`)."""

    async def account(self, account: Account) -> Examined:
        """How an account stands there."""
        ...


async def seen(
    room: Room,
    probe: Probe | None,
    examiner: Examiner | None,
    accounts: Sequence[Account],
    within: float,
    places: Sequence[PlaceRef] = (),
) -> Room:
    """Return the room with how the accounts' channels stand, and, with an *examiner*, what the network says of them.

    within: seconds; whoever has not answered by then is missing, and the room *waits* for them. places: channels besides.
    """
    gate = asyncio.Semaphore(AT_ONCE)
    states, examined = dict(room.states), dict(room.examined)

    async def look(place: PlaceRef, probe: Probe) -> None:
        async with gate:
            states[place] = await probe.channel(place)

    async def examine(account: Account, examiner: Examiner) -> None:
        async with gate:
            examined[account.id] = await examiner.account(account)

    asked: list[Awaitable[None]] = []
    if probe is not None:
        asked += [look(each, probe) for each in dict.fromkeys((*places_of(accounts), *places))]
    if examiner is not None:
        asked += [examine(each, examiner) for each in accounts]
    waits = False
    try:
        async with asyncio.timeout(within):
            for outcome in await asyncio.gather(*asked, return_exceptions=True):
                if isinstance(outcome, BaseException):
                    log.warning("slack.state_not_learnt", error=type(outcome).__name__)
    except TimeoutError:
        waits = True
    return replace(room, states=states, examined=examined, waits=waits)


def places_of(accounts: Sequence[Account]) -> tuple[PlaceRef, ...]:
    """Return the channels that accounts name, each once."""
    wanted = [each.settings for each in accounts]
    named = [
        place for each in wanted for place in (each.channel, each.alerts_channel, tickets.place_of(each.ticket_sink))
    ]
    return tuple(dict.fromkeys(each for each in named if each is not None))
