"""Where tickets go, set in the window: what would lose or hold them is said there and then."""

from __future__ import annotations

import base64
import hmac
from datetime import timedelta
from typing import Any

import pytest

from bridge.demo.slack.model import View
from bridge.telemetry import log_to
from bridge.tickets import keys_of
from tests.journeys.hands import told
from tests.journeys.test_setup_windows import button, opened, reads, sends_in, shown, stands, turned_to, words
from tests.journeys.test_setup_words import answer
from tests.journeys.ticketing import report
from tests.journeys.world import AKI, ALERTS, KEN, SUPPORT, World


async def going(world: World, view: View, way: str) -> str:
    """Choose by which way tickets go; the field that says where, once it is there."""
    field, before = f"ticket_sink.{way}", view.hash
    assert await world.slack.click_view(AKI, view.id, "ticket_sink.way", value=way) == 200
    await world.until(lambda: view.hash != before and any(block.get("block_id") == field for block in view.blocks))
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
        await world.calm()  # that it is changed is told, before anything else is asked
        assert "C0TICKETS" not in await answer(world, "check flowers", place=ALERTS)
        world.slack.world.channels["C0TICKETS"].archived = True
        assert "tickets is archived" in await answer(world, "check flowers", place=ALERTS)


def key_in(view: View) -> str | None:
    """The key that a window shows, once it does."""
    found = [each for each in written(view.blocks) if each.startswith("whsec_")]
    return found[0] if found else None


def written(value: Any) -> list[str]:
    """Every word in a window's blocks."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in written(each)]
    if isinstance(value, list):
        return [text for each in value for text in written(each)]
    return [value] if isinstance(value, str) else []


async def known_by(world: World, key: str) -> bool:
    """Whether the bridge takes what is signed with a key: it is then told of no ticket that there is."""
    stamp, body = str(int(world.clock.time())), b'{"ticket": "1", "status": "solved"}'
    digest = hmac.digest(keys_of(key)[0], f"msg_1.{stamp}.".encode() + body, "sha256")
    signature = f"v1,{base64.b64encode(digest).decode()}"
    status = await report(world, body, signature=signature)
    assert status in (401, 404)
    return status == 404


def everywhere(world: World) -> str:
    """Every row that is kept, as text; and all that was ever posted or told."""
    kept = [
        str(row)
        for (table,) in world.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        for row in world.rows(f"SELECT * FROM {table}")  # noqa: S608
    ]
    said = [str(line.said) for user in (AKI, KEN) for line in told(world, user)]
    return "\n".join([*kept, *said, *map(str, world.roots())])


async def by_address(world: World) -> tuple[View, str]:
    """The settings window with the field for tickets' web address, and its name."""
    world.slack.world.users[AKI].admin = True
    view = await turned_to(world, await opened(world, "setup:edit"), "tickets")
    await world.until(lambda: any(block.get("block_id") == "ticket_sink.way" for block in view.blocks))
    return view, await going(world, view, "webhook")


async def makes(world: World, view: View) -> str:
    """Send the window in; the key that it shows."""
    assert await sends_in(world, view) == {}
    key = await world.until(lambda: key_in(view))
    assert "not shown again" in words(world, view)
    assert len(keys_of(key)[0]) == 32
    return key


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_signing_key_is_made_in_the_window_and_shown_there_once(
    database_url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """ZI-04, ZI-24: it counts before it is seen, the one before it no more; whoever is overtaken gets none.

    It lies nowhere in plain text: in no row, no post, no log.
    """
    async with World.open(database_url) as world:
        log_to("debug")
        view, field = await by_address(world)
        assert "None yet" in words(world, view)
        typed = {field: {field: {"type": "plain_text_input", "value": "https://tickets.example.com/y"}}}
        view.state |= typed
        assert await world.slack.click_view(AKI, view.id, "setup:key") == 200
        over = await shown(world, "setup:key")
        assert "has to be signed with it" in words(world, over)
        first = await makes(world, over)
        assert await known_by(world, first)
        await world.until(lambda: "There is one" in words(world, view))  # beneath, with what was typed
        assert "https://tickets.example.com/y" in str(view.blocks)
        await world.slack.close_view(AKI, over.id)
        assert await sends_in(world, view, **{field: "https://tickets.example.com/x"}) == {}
        assert "Nothing signs" not in world.slack.plain((await reads(world, "Where tickets go")).said)

        world.slack.world.users[KEN].admin = True
        late = await opened(world, "setup:key")  # two look at the same time
        stale = await opened(world, "setup:key", user=KEN)
        assert "stops counting at once" in words(world, late)
        second = await makes(world, late)
        assert await sends_in(world, stale, user=KEN) == {}
        await world.until(lambda: "No key was made" in words(world, stale))
        assert key_in(stale) is None
        assert (await known_by(world, first), await known_by(world, second)) == (False, True)

        lines = world.rows("SELECT who, after FROM audit WHERE action = 'account.set' ORDER BY id")
        assert [row[0] for row in lines if "ticket_secret" in str(row[1])] == [AKI, AKI]
        assert "Signing key: a key → another key" in (await answer(world, "audit")).replace("*", "")
        logged = "".join([*capfd.readouterr(), *(record.getMessage() for record in caplog.records)])
        for key in (first, second):
            assert key.removeprefix("whsec_")[:20] not in everywhere(world) + logged


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_address_without_a_key_leads_to_the_button_and_a_closed_window_is_told(database_url: str) -> None:
    """ZI-04, CT-03: the answer has the button, for who may set up alone; a key that nobody saw is said, with the way to another."""
    async with World.open(database_url) as world:
        view, field = await by_address(world)
        assert await sends_in(world, view, **{field: "https://tickets.example.com/x"}) == {}
        line = await reads(world, "Nothing signs its tickets yet")
        ts = await button(world, "setup:key")
        assert await world.slack.click(KEN, SUPPORT, ts, "setup:key") == 200
        await reads(world, "only workspace admins", user=KEN)
        place, ts = line.said.channel, line.said.ts
        assert await world.slack.click(AKI, place, ts, "setup:key", ephemeral=line.private) == 200
        over = await shown(world, "setup:key")
        world.slack.faults.add(method="views.update", kind="error", error="not_found", times=None)  # closed at once
        assert await sends_in(world, over) == {}
        await world.until(lambda: "being made" in words(world, over))
        await world.slack.close_view(AKI, over.id)
        world.clock.move(timedelta(seconds=20))
        line = await reads(world, "nobody has seen it")
        assert line.buttons == {"setup:key": "New key…"}
        assert not any("whsec_" in str(each.said) for each in told(world, AKI))
