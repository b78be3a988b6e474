"""Where tickets go, set in the window: what would lose or hold them is said there and then."""

from __future__ import annotations

import pytest

from tests.journeys.test_setup_windows import opened, reads, sends_in, stands, turned_to
from tests.journeys.test_setup_words import answer
from tests.journeys.world import AKI, ALERTS, World


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_where_tickets_cannot_go_is_said_at_the_field_and_by_check(database_url: str) -> None:
    """ZI-13, ZI-26: no such channel, one without the bridge, an archived one, no mail server, a timer that leads nowhere."""
    async with World.open(database_url) as world:
        world.slack.world.users[AKI].admin = True
        world.slack.add_channel("C0ALONE", "alone", members=[AKI], bot_member=False)
        world.slack.add_channel("C0OLD", "old", members=[AKI], archived=True)
        world.slack.add_channel("C0TICKETS", "tickets", members=[AKI])
        view = await turned_to(world, await opened(world, "setup:edit"), "tickets")
        await world.until(lambda: any(block.get("block_id") == "ticket_sink" for block in view.blocks))
        for sink, why in {
            "slack:C0NOPE": "no such channel",
            "slack:C0ALONE": "not in this channel",
            "slack:c0old": "archived",
            "mailto:help@example.com": "no mail server",
        }.items():
            assert why in (await sends_in(world, view, ticket_sink=sink))["ticket_sink"], sink
        wrong = await sends_in(world, view, ticket_sink="", ticket_timer="on")
        assert "Nothing says where tickets go" in wrong["ticket_timer"]
        assert await sends_in(world, view, ticket_sink="https://tickets.example.com/x", ticket_timer="2h") == {}
        await reads(world, "Nothing signs its tickets yet")
        view = await turned_to(world, await opened(world, "setup:edit"), "tickets")
        await world.until(lambda: any(block.get("block_id") == "ticket_sink" for block in view.blocks))
        assert await sends_in(world, view, ticket_sink="slack:C0TICKETS") == {}
        await world.until(lambda: stands(world, "ticket_sink") == "slack:C0TICKETS")
        assert "C0TICKETS" not in await answer(world, "check flowers", place=ALERTS)
        world.slack.world.channels["C0TICKETS"].archived = True
        assert "tickets is archived" in await answer(world, "check flowers", place=ALERTS)
