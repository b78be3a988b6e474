"""Tickets: made by a person or by the timer, once, in a system outside or in a channel; and what it tells back."""

from __future__ import annotations

import pytest

from tests.journeys.hands import talking
from tests.journeys.ticketing import ticket_system, uses
from tests.journeys.world import KINDS, Kind

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_ticket_that_somebody_wants_is_posted_once_signed_and_told_in_the_thread(
    database_url: str, kind: Kind
) -> None:
    """ZI-04, ZM-02: a second wish makes no second ticket; the line leads to the ticket, the ticket to the thread."""
    async with ticket_system() as system, talking(database_url, kind) as talk:
        world = talk.world
        await uses(world, kind, system.url)
        bridge = world.slack.world.names.bot_user_id
        await talk.says(f"<@{bridge}> ticket")
        await world.until(lambda: any("Aki made ticket HELP-1" in line for line in talk.lines()))
        await talk.says(f"<@{bridge}> ticket")
        await world.until_told("There is a ticket of this already")
        await world.calm()
        assert len(system.calls) == len(system.made) == 1
        ticket = system.made[0]
        assert [each["text"] for each in ticket["messages"]] == ["この商品の在庫ありますか？"]
        assert ticket["made_by"] == "agent"
        assert talk.root.ts.replace(".", "") in ticket["thread"]
        await world.until(lambda: "Ticket HELP-1" in talk.card())
