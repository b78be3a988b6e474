"""Where tickets go, set in the window: what would lose or hold them is said there and then."""

from __future__ import annotations

import pytest

from bridge.demo.slack.model import View
from tests.journeys.test_setup_windows import opened, reads, sends_in, stands, turned_to
from tests.journeys.test_setup_words import answer
from tests.journeys.world import AKI, ALERTS, World


async def going(world: World, view: View, way: str) -> str:
    """Choose by which way tickets go; the field that says where, once it is there."""
    assert await world.slack.click_view(AKI, view.id, "ticket_sink.way", value=way) == 200
    field = f"ticket_sink.{way}"
    await world.until(lambda: any(block.get("block_id") == field for block in view.blocks))
    return field


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_where_tickets_cannot_go_is_said_at_the_field_and_by_check(database_url: str) -> None:
    """ZI-13, ZI-26: no such channel, one without the bridge, an archived one, no mail server, a timer that leads nowhere."""
    async with World.open(database_url) as world:
        world.slack.world.users[AKI].admin = True
        world.slack.add_channel("C0ALONE", "alone", members=[AKI], bot_member=False)
        world.slack.add_channel("C0OLD", "old", members=[AKI], archived=True)
        world.slack.add_channel("C0TICKETS", "tickets", members=[AKI])
        view = await turned_to(world, await opened(world, "setup:edit"), "tickets")
        await world.until(lambda: any(block.get("block_id") == "ticket_sink.way" for block in view.blocks))
        wrong = await sends_in(world, view, ticket_timer="60m")
        assert "Nothing says where tickets go" in wrong["ticket_timer"]
        for way, sink, why in (
            ("slack", "C0ALONE", "not in this channel"),
            ("slack", "C0OLD", "archived"),
            ("mail", "help@example.com", "no mail server"),
        ):
            field = await going(world, view, way)
            assert why in (await sends_in(world, view, **{field: sink}))[field], sink
        field = await going(world, view, "webhook")
        assert await sends_in(world, view, **{field: "https://tickets.example.com/x"}, ticket_timer="2 hours") == {}
        line = world.slack.plain((await reads(world, "Nothing signs its tickets yet")).said)
        assert "Where tickets go: none → https://tickets.example.com/…" in line.replace("*", "")
        view = await turned_to(world, await opened(world, "setup:edit"), "tickets")
        await world.until(lambda: any(block.get("block_id") == "ticket_sink.webhook" for block in view.blocks))
        field = await going(world, view, "slack")
        assert await sends_in(world, view, **{field: "C0TICKETS"}) == {}
        await world.until(lambda: stands(world, "ticket_sink") == "slack:C0TICKETS")
        assert "C0TICKETS" not in await answer(world, "check flowers", place=ALERTS)
        world.slack.world.channels["C0TICKETS"].archived = True
        assert "tickets is archived" in await answer(world, "check flowers", place=ALERTS)
