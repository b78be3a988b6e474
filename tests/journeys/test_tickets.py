"""Tickets: made by a person or by the timer, once, in a system outside or in a channel; and what it tells back."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.cli.conversations import heard
from bridge.config import Secret
from bridge.model.state import Wish
from bridge.store import accounts, conversations
from bridge.telemetry import log_to
from tests.journeys.hands import ASKED, begun, talking
from tests.journeys.opening import does
from tests.journeys.ticketing import SECRET, report, signed, ticket_system, uses
from tests.journeys.world import ALERTS, HOUR, KINDS, MINUTE, OTHER, Kind, World
from tests.sinks.post_office import post_office

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def alerts(world: World) -> list[str]:
    """What stands in the alerts channel."""
    return [world.slack.plain(each) for each in world.slack.channel_messages(ALERTS)]


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
        assert await does(talk, "ticket") == {}
        await world.calm()
        assert len(system.calls) == 1


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_the_timer_makes_one_ticket_in_each_waiting_period_over_restarts(database_url: str, kind: Kind) -> None:
    """ZI-26, ZM-16: 59 minutes none, 60 minutes one, also after a restart; a new waiting period makes another."""
    async with ticket_system() as system, World.open(database_url) as world:
        await uses(world, kind, system.url, ticket_timer=60)
        talk = await begun(world, kind, "Do you have it?", name="Yuki Tanaka")
        world.clock.move(59 * MINUTE)
        await world.ticked()
        await world.calm()
        assert system.calls == []
        await world.stop()
        world.clock.move(2 * MINUTE)
        await world.start()
        await world.until(lambda: len(system.made) == 1)
        await world.until(lambda: any("Nobody has answered so far" in line for line in talk.lines()))
        assert system.made[0]["made_by"] == "timer"
        world.clock.move(3 * HOUR)
        await world.stop()
        await world.start()
        await world.ticked()
        await talk.says("Yes, we have it.")
        await talk.hears("Yes, we have it.")
        await world.meta.write(talk.customer, "How much is it?", at=world.clock.time())
        await world.until(lambda: any("How much" in line for line in talk.lines()))
        world.clock.move(HOUR)
        await world.until(lambda: len(system.made) == 2)
        await world.calm()
        assert [[each["text"] for each in one["messages"]] for one in system.made] == [
            ["Do you have it?"],
            ["How much is it?"],
        ]
        assert len(set(system.calls)) == len(system.calls) == 2


@sqlite
async def test_an_answer_before_its_time_a_pause_and_a_block_leave_the_timer_nothing_to_do(database_url: str) -> None:
    """ZI-26, ZI-31, ZI-34: answer before cancels; paused accounts and blocked customers make none."""
    async with ticket_system() as system, World.open(database_url) as world:
        await uses(world, "messenger", system.url, ticket_timer=60)
        await uses(world, "instagram", system.url, ticket_timer=60)
        answered = await begun(world, "messenger", "Do you have it?", name="Yuki Tanaka")
        blocked = await begun(world, "messenger", "Buy followers!", name="Spammer")
        paused = await begun(world, "instagram", "Hello?", name="Ken Sato")
        await answered.says("Yes, we have it.")
        await answered.hears("Yes, we have it.")
        bridge = world.slack.world.names.bot_user_id
        await blocked.says(f"<@{bridge}> block")
        await world.until(lambda: "Blocked" in blocked.card())
        await world.wish("instagram", Wish.PAUSED)
        world.clock.move(3 * HOUR)
        await world.ticked()
        await paused.says(f"<@{bridge}> ticket")
        await world.until_told("is paused: no tickets are made")
        await world.calm()
        assert system.calls == []
        await world.wish("instagram", Wish.ON)
        await world.until(lambda: len(system.made) == 1)


@sqlite
async def test_a_ticket_system_that_fails_is_one_alert_and_gets_each_ticket_once_afterwards(database_url: str) -> None:
    """ZI-04: tickets wait, the thread says so once, and a call whose answer was lost keeps its id."""
    async with ticket_system() as system, talking(database_url) as talk:
        world = talk.world
        system.status = 503
        await uses(world, "messenger", system.url)
        assert await does(talk, "ticket") == {}
        await world.forward(lambda: any("does not take it yet" in line for line in talk.lines()))
        await world.forward(lambda: len(system.calls) > 3)
        await world.until(lambda: any("Tickets of" in line and "trouble of its own" in line for line in alerts(world)))
        system.status, system.lose = None, 1
        await world.forward(lambda: any("Aki made ticket HELP-1" in line for line in talk.lines()))
        await world.until(lambda: any("Mended by itself" in line for line in alerts(world)))
        await world.calm()
        assert (len(set(system.calls)), len(system.made)) == (1, 1)
        assert sum("does not take it yet" in line for line in talk.lines()) == 1
        assert len(alerts(world)) == 1


@sqlite
async def test_what_only_a_person_can_mend_of_a_ticket_system_is_said_in_the_alert(database_url: str) -> None:
    """ZI-04: redirects are not followed, nothing goes unsigned, and what it refuses for its own sake is given up."""
    async with ticket_system() as system, talking(database_url) as talk:
        world = talk.world
        await uses(world, "messenger", system.url, secret=None)
        assert await does(talk, "ticket") == {}
        await world.until(lambda: any("Nothing signs them" in line for line in alerts(world)))
        system.status, system.headers = 307, {"Location": system.url}
        await uses(world, "messenger", system.url)
        await world.forward(lambda: any("leads on to another" in line for line in alerts(world)))
        system.status = 422
        await world.forward(lambda: any("No ticket was made" in line for line in talk.lines()))
        assert len(set(system.calls)) == 1
        assert system.made == []


@sqlite
async def test_a_ticket_that_waits_goes_as_soon_as_it_can_and_not_at_its_next_try(database_url: str) -> None:
    """ZI-04, ZI-24: when it goes elsewhere, when a key signs it, and with a service that is started again; the clock stands still."""
    async with ticket_system() as system, talking(database_url) as talk:
        world = talk.world
        await uses(world, "messenger", "mailto:help@example.com", secret=None)
        assert await does(talk, "ticket") == {}
        await world.until(lambda: any("No mail server" in line for line in alerts(world)))
        await world.set("messenger", ticket_sink=system.url)
        await world.until(lambda: any("Nothing signs them" in line for line in alerts(world)))
        system.status = 503
        await signed(world, "messenger")
        await world.until(lambda: len(system.calls) == 1)
        await world.stop()
        system.status = None
        await world.start()
        await world.until(lambda: len(system.made) == 1)
        await world.until(lambda: any("Aki made ticket HELP-1" in line for line in talk.lines()))


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_a_ticket_system_tells_how_a_ticket_stands(database_url: str, kind: Kind) -> None:
    """ZI-04: signed with the account's secret and young; a repeat counts once; the card and the thread say it."""
    async with ticket_system() as system, talking(database_url, kind) as talk:
        world = talk.world
        await uses(world, kind, system.url)
        assert await does(talk, "ticket") == {}
        await world.until(lambda: any("made ticket HELP-1" in line for line in talk.lines()))
        said = {"ticket": system.made[0]["ticket"], "status": "solved <!channel>"}
        assert [await report(world, said) for _ in range(2)] == [200, 200]
        await world.until(lambda: any("HELP-1 is now: solved" in line for line in talk.lines()))
        await world.until(lambda: "Ticket HELP-1: solved" in talk.card())
        assert await report(world, {"type": "ticket.status", "data": said | {"status": "open"}}, name="msg_2") == 200
        await world.until(lambda: any("HELP-1 is now: open" in line for line in talk.lines()))
        await world.calm()
        assert sum("is now: solved" in line for line in talk.lines()) == 1
        refused = [
            await report(world, said, name="msg_3", signature="v1,bm9ib2R5"),
            await report(world, said, name="msg_3", age=301),
            await report(world, said, name="msg_3", age=-301),
            await report(world, said | {"ticket": "12345"}, name="msg_3"),
            await report(world, b"{", name="msg_3"),
            await report(world, {"ticket": "12345"}, name="msg_3"),
        ]
        assert refused == [401, 401, 401, 404, 400, 400]
        bodies: list[dict[str, Any] | bytes] = [said, said | {"ticket": "12345"}, {"ticket": "12345"}, b"{"]
        for signature in ("", "v1,bm9ib2R5"):
            told = {await report(world, each, name="msg_4", signature=signature) for each in bodies}
            assert told == {401}, "whoever signs with no secret of ours learns nothing of which tickets there are"
        assert await report(world, said, name="msg_3", age=299) == 200


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_what_a_customer_takes_back_and_who_is_erased_is_asked_for_back(database_url: str, kind: Kind) -> None:
    """CT-33, F14: the ticket system hears of it after the ticket; nothing of it stands in what it is told."""
    async with ticket_system() as system, World.open(database_url) as world:
        await uses(world, kind, system.url, ticket_timer=60)
        talk = await begun(world, kind, "My address is Wisteria 7", name="Yuki Tanaka")
        system.status = 503
        world.clock.move(HOUR)
        await world.forward(lambda: len(system.calls) > 1)
        ((mid,),) = world.rows("SELECT remote_id FROM message WHERE author = 'customer'")
        await world.meta.write(talk.customer, "Hello?")
        system.status = None
        await world.forward(lambda: len(system.made) == 1)
        await world.meta.unsend(talk.customer, mid)
        await world.until(lambda: len(system.of("ticket.redacted")) == 1)
        (told,) = system.of("ticket.redacted")
        assert told["messages"] == [each["id"] for each in system.made[0]["messages"] if "Wisteria" in each["text"]]
        assert (told["ticket"], told["everything"]) == (system.made[0]["ticket"], False)

        assert await report(world, {"ticket": told["ticket"], "status": "Wisteria again"}) == 200
        await world.until(lambda: any("Wisteria again" in line for line in talk.lines()))

        def erase(hand: accounts.Hand) -> None:
            number = hand.conn.exec_driver_sql("SELECT id FROM conversation").scalar_one()
            erased = conversations.erase(hand.conn, number, hand.moment, who="cli", heard=heard)
            assert erased is not None
            hand.tx.effects.add(erased.redrawn, hand.moment.steady)

        await world.by_hand(erase)
        await world.until(lambda: len(system.of("ticket.redacted")) == 2)
        assert system.of("ticket.redacted")[1]["everything"] is True
        assert world.rows("SELECT link, number, status FROM ticket") == [(None, None, None)]
        assert world.rows("SELECT count(*) FROM inbox WHERE source = 'ticket' AND lane <> 'erased'") == [(0,)]


@sqlite
async def test_a_ticket_in_a_channel_is_one_post_that_says_how_it_stands(database_url: str) -> None:
    """ZI-04: with a way to the thread and without a word of the customer's; status, answer and closing stand on it."""
    async with talking(database_url) as talk:
        world = talk.world
        await uses(world, "messenger", f"slack:{OTHER}")
        assert await does(talk, "ticket") == {}
        await world.until(lambda: len(world.roots(OTHER)) == 1)

        def post() -> str:
            (root,) = world.roots(OTHER)
            return f"{world.slack.plain(root)} {root.blocks}"

        assert "made by Aki" in post()
        assert talk.root.ts.replace(".", "") in post()
        assert ASKED not in post()
        ((number,),) = world.rows("SELECT id FROM ticket")
        assert await report(world, {"ticket": number, "status": "with the warehouse"}) == 200
        await world.until(lambda: "Status: with the warehouse" in post())
        await talk.says("Yes, we have it.")
        await world.until(lambda: "Answered" in post())
        assert await does(talk, "close") == {}
        await world.until(lambda: "Closed in the thread" in post())
        await world.calm()
        assert len(world.roots(OTHER)) == 1


@sqlite
async def test_a_ticket_by_e_mail_and_what_is_taken_back_of_it(database_url: str) -> None:
    """ZI-04: a second mail in the same thread asks to delete what the customer took back, without a word of it."""
    async with post_office() as office, World.open(database_url, smtp_url=Secret(office.url)) as world:
        await uses(world, "messenger", "mailto:help@example.com", secret=None, ticket_timer=60)
        talk = await begun(world, "messenger", "My address is Wisteria 7", name="Yuki Tanaka")
        world.clock.move(HOUR)
        await world.until(lambda: len(office.mails) == 1)
        first = office.mails[0]
        assert first["To"] == "help@example.com"
        assert "Yuki Tanaka" in first["Subject"]
        assert "Wisteria 7" in first.get_content()
        assert talk.root.ts.replace(".", "") in first.get_content()
        ((mid,),) = world.rows("SELECT remote_id FROM message WHERE author = 'customer'")
        await world.meta.unsend(talk.customer, mid)
        await world.until(lambda: len(office.mails) == 2)
        assert office.mails[1]["In-Reply-To"] == first["Message-ID"]
        assert "Wisteria" not in office.mails[1].get_content()


@sqlite
async def test_nothing_that_a_ticket_holds_is_logged(
    database_url: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """ZI-04: neither words nor names nor the secret, also while the ticket system fails and is told nonsense."""
    async with ticket_system() as system, World.open(database_url) as world:
        log_to("debug")
        await uses(world, "messenger", system.url, ticket_timer=60)
        await begun(world, "messenger", "My address is Wisteria 7", name="Yuki Tanaka")
        system.status = 500
        world.clock.move(HOUR)
        await world.forward(lambda: len(system.calls) > 1)
        system.status = None
        await world.forward(lambda: len(system.made) == 1)
        assert await report(world, {"ticket": system.made[0]["ticket"], "status": "Wisteria"}, age=900) == 401
        await world.calm()
        logged = "".join([*capfd.readouterr(), *(record.getMessage() for record in caplog.records)])
        assert "tickets.refused_signature" in logged
        assert not [word for word in ("Wisteria", "Yuki", SECRET[6:20], "127.0.0.1") if word in logged]
