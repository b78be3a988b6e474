"""When an answer may go and under which tag: to the second, on both platforms and by both logins."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.journeys.hands import Talk, begun, reconnect, talking, told
from tests.journeys.world import AKI, ALERTS, CHECK, CROSS, DAY, HOUR, KINDS, MINUTE, Kind, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SECOND = timedelta(seconds=1)
WEEK = 7 * DAY


async def grant(world: World, kind: Kind, *, on_both_sides: bool = True) -> None:
    """Meta has granted the app the Human Agent feature, and the account's setting says so."""
    world.account(kind).human_agent = on_both_sides
    await world.set(kind, human_agent=True)


async def at(talk: Talk, after: timedelta) -> None:
    """Let it be so long after the customer's last message, with the clock standing still, and the service aware of it."""
    acted = talk.customer.last_act
    assert acted is not None
    talk.world.clock.frozen = True
    talk.world.clock.set(datetime.fromtimestamp(acted, UTC) + after)
    await talk.world.ticked(2)


def tags(talk: Talk) -> list[tuple[str | None, str | None]]:
    """How each answer was sent."""
    return [(bubble.messaging_type, bubble.tag) for bubble in talk.bubbles()]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_day_to_the_second_where_the_account_has_no_feature(database_url: str, kind: Kind) -> None:
    """I-12, ZI-09, F4: 23:59:59 goes untagged, 24:00:00 is refused with the reason and nothing reaches Meta."""
    async with talking(database_url, kind) as talk:
        await at(talk, DAY - SECOND)
        await talk.says("in time")
        await talk.reaches("in time")
        await at(talk, DAY)
        late = await talk.says("too late")
        await talk.bears(late, CROSS)
        line = await talk.world.until_told("Not sent")
        assert "for 1 day after the customer’s last message" in line
        assert "When Yuki Tanaka writes again" in line
        await talk.world.calm()
        assert tags(talk) == [("RESPONSE", None)]
        assert talk.sends() == ["ok"]


@pytest.mark.parametrize("kind", KINDS)
async def test_seven_days_to_the_second_with_the_tag_from_the_first_close_on(database_url: str, kind: Kind) -> None:
    """I-13, I-14, ZI-22, ZM-08, F3, M-06: untagged before 24 h, tagged from it on, refused from 7 days on."""
    async with talking(database_url, kind) as talk:
        await grant(talk.world, kind)
        for after, words in ((DAY - SECOND, "1"), (DAY, "2"), (30 * HOUR, "3"), (WEEK - SECOND, "4")):
            await at(talk, after)
            ts = await talk.says(words)
            await talk.bears(ts, CHECK)
        await at(talk, WEEK)
        late = await talk.says("5")
        await talk.bears(late, CROSS)
        assert "for 7 days after" in await talk.world.until_told("Not sent")
        await talk.world.calm()
        tagged = ("MESSAGE_TAG", "HUMAN_AGENT")
        assert tags(talk) == [("RESPONSE", None), tagged, tagged, tagged]
        assert not any(bubble.needless_tag for bubble in talk.bubbles())


@pytest.mark.parametrize("end", ["the customer writes", "a week has passed"])
async def test_a_warning_for_the_tag_is_over_when_it_stops_nothing_any_more(database_url: str, end: str) -> None:
    """M-29: one alert; answers are stopped until the customer writes again, or nothing could go any more anyway."""
    async with talking(database_url) as talk:
        await grant(talk.world, "messenger")
        await at(talk, 30 * HOUR)
        talk.world.meta.faults.add(method="messages", kind="error", error="613/2018338", status=400)
        await talk.bears(await talk.says("late"), CROSS)
        await alerted(talk.world, "has warned Hanako Flowers", "Account quality")
        await talk.bears(await talk.says("again"), CROSS)
        assert len(talk.sends()) == 1
        if end == "a week has passed":
            talk.world.clock.move(WEEK)
            await alerted(talk.world, "Mended")
            return
        await talk.world.meta.write(talk.customer, "Hello?")
        await alerted(talk.world, "Mended")
        await talk.says("gladly")
        await talk.reaches("gladly")
        assert len(talk.world.roots(ALERTS)) == 1


async def alerted(world: World, *words: str) -> None:
    """Wait until an alert says all these words."""

    def said() -> bool:
        return any(all(each in world.slack.plain(root) for each in words) for root in world.roots(ALERTS))

    await world.until(said)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_new_message_opens_the_thread_again(database_url: str, kind: Kind) -> None:
    """ZI-23, ZM-08: on day nine the customer writes: same thread, fresh window, and the refused words may go."""
    async with talking(database_url, kind) as talk:
        await at(talk, 9 * DAY)
        late = await talk.says("still here")
        await talk.bears(late, CROSS)
        await talk.world.meta.write(talk.customer, "まだありますか")
        await talk.world.until(lambda: any("まだありますか" in line for line in talk.lines()))
        ts = await talk.says("はい。")
        await talk.bears(ts, CHECK)
        assert talk.phone() == ["はい。"]
        assert len(talk.world.roots()) == 1


async def test_answers_do_not_move_the_close(database_url: str) -> None:
    """I-15: an answer at 23 h extends nothing; the customer's next message does."""
    async with talking(database_url) as talk:
        await at(talk, 23 * HOUR)
        await talk.says("one")
        await talk.reaches("one")
        await at(talk, 24 * HOUR)
        late = await talk.says("two")
        await talk.bears(late, CROSS)
        await talk.world.meta.write(talk.customer, "ok")
        await talk.world.until(lambda: len(talk.lines()) == 4)
        await at(talk, 23 * HOUR)
        await talk.says("three")
        await talk.reaches("one", "three")


async def test_an_answer_in_time_that_had_to_wait_past_the_close_is_ruled_again(database_url: str) -> None:
    """ZI-22, I-13: Meta was down at 23:59, the close passed, and nothing is sent that may not be."""
    async with talking(database_url) as talk:
        faults = talk.world.meta.faults
        down = faults.add(method="messages", kind="error", error="613", status=400, times=None)
        await at(talk, DAY - MINUTE)
        ts = await talk.says("in time, but not sent")
        await talk.world.until(talk.sends)
        faults.remove(down)
        tried = len(talk.sends())
        await at(talk, DAY + MINUTE)
        talk.world.clock.frozen = False
        await talk.bears(ts, CROSS)
        await talk.world.until_told("Not sent")
        await talk.world.calm()
        assert talk.phone() == []
        assert len(talk.sends()) == tried


async def test_an_answer_that_waits_past_the_first_close_goes_with_the_tag(database_url: str) -> None:
    """I-14, F3: written untagged at 23:59, sent tagged a minute after the close."""
    async with talking(database_url) as talk:
        await grant(talk.world, "messenger")
        faults = talk.world.meta.faults
        down = faults.add(method="messages", kind="error", error="613", status=400, times=None)
        await at(talk, DAY - MINUTE)
        await talk.says("patience")
        await talk.world.until(talk.sends)
        faults.remove(down)
        await at(talk, DAY + MINUTE)
        talk.world.clock.frozen = False
        await talk.reaches("patience")
        assert tags(talk) == [("MESSAGE_TAG", "HUMAN_AGENT")]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("messenger", "10/2018278"),
        ("messenger", "10/2018065"),
        ("instagram", "10/2534022"),
        ("instagram_login", "10/2534022"),
    ],
)
async def test_metas_own_refusal_moves_the_close_and_offers_the_tagged_send(
    database_url: str, kind: Kind, code: str
) -> None:
    """I-14, F3: what Meta says of the window is the last word; a person's press sends it with the tag, once."""
    async with talking(database_url, kind) as talk:
        await grant(talk.world, kind)
        talk.world.meta.faults.add(method="messages", kind="error", error=code, status=400)
        ts = await talk.says("may I?")
        await talk.bears(ts, CROSS)
        line = await talk.line("retry")
        assert line.buttons == {"retry": "Send with the human-agent tag", "details": "Details"}
        assert "is over" in talk.world.told(AKI)[0]
        await talk.world.until(lambda: "Human-agent window" in talk.card())
        for _ in range(2):
            await talk.presses("retry")
        await talk.reaches("may I?")
        await talk.bears(ts, CHECK)
        await talk.says("and more")
        await talk.reaches("may I?", "and more")
        await talk.world.calm()
        assert tags(talk) == [("MESSAGE_TAG", "HUMAN_AGENT")] * 2


@pytest.mark.parametrize(("kind", "code"), [("messenger", "10/2018278"), ("instagram", "10/2534022")])
async def test_metas_own_refusal_closes_what_has_no_other_window(database_url: str, kind: Kind, code: str) -> None:
    """ZI-22: without the feature there is nothing to offer; the next answer is refused without asking Meta."""
    async with talking(database_url, kind) as talk:
        talk.world.meta.faults.add(method="messages", kind="error", error=code, status=400)
        ts = await talk.says("may I?")
        await talk.bears(ts, CROSS)
        await talk.world.until_told("Not sent")
        assert [line.buttons for line in told(talk.world, AKI)] == [{"details": "Details"}]
        again = await talk.says("and now?")
        await talk.bears(again, CROSS)
        await talk.world.calm()
        assert len(talk.sends()) == 1
        await talk.world.meta.write(talk.customer, "yes")
        await talk.world.until(lambda: any("yes" in line for line in talk.lines()))
        await talk.says("good")
        await talk.reaches("good")


async def test_a_feature_that_meta_does_not_know_of_is_a_refusal_with_its_reason(database_url: str) -> None:
    """F4: the setting says yes and Meta says no: the answer is refused, the account is not held."""
    async with talking(database_url) as talk:
        await grant(talk.world, "messenger", on_both_sides=False)
        await at(talk, 30 * HOUR)
        ts = await talk.says("with the tag")
        await talk.bears(ts, CROSS)
        assert "permission" in await talk.world.until_told("Not sent")
        other = await begun(talk.world, "messenger", "another", name="Ren")
        await other.says("goes")
        await other.reaches("goes")


async def test_retry_after_the_close_says_why_instead_of_sending(database_url: str) -> None:
    """I-13, ZI-22: pressed on day nine, the button sends nothing and its line tells the reason."""
    async with talking(database_url) as talk:
        talk.world.meta.faults.add(method="messages", kind="error", error="10/2018108", status=400)
        ts = await talk.says("hello?")
        await talk.bears(ts, CROSS)
        await talk.line("retry")
        await at(talk, 9 * DAY)
        await talk.presses("retry")
        await talk.world.until_told("for 1 day after")
        await talk.world.calm()
        assert len(talk.sends()) == 1
        await talk.bears(ts, CROSS)


async def test_the_first_message_after_an_ad_opens_seven_days(database_url: str) -> None:
    """F2: untagged until then, without the feature; refused at the second."""
    async with World.open(database_url) as world:
        referral = {
            "source": "ADS",
            "type": "OPEN_THREAD",
            "ad_id": "120330000000",
            "ads_context_data": {"ad_title": "春"},
        }
        ren = world.customer("messenger", name="Ren")
        await world.meta.write(ren, "広告を見ました", referral=referral)
        talk = Talk(world=world, kind="messenger", customer=ren, root=await world.root("広告を見ました"))
        await at(talk, WEEK - SECOND)
        await talk.says("in time")
        await talk.reaches("in time")
        await at(talk, WEEK)
        ts = await talk.says("late")
        await talk.bears(ts, CROSS)
        assert tags(talk) == [("RESPONSE", None)]


async def test_the_window_counts_from_the_event_and_not_from_its_arrival(database_url: str) -> None:
    """I-15: told ten hours late, a message opens the day from when it was written."""
    async with talking(database_url) as talk:
        await at(talk, 20 * HOUR)
        written = talk.world.clock.time() - 10 * 3600
        await talk.world.meta.write(talk.customer, "late news", at=written)
        await talk.world.until(lambda: any("late news" in line for line in talk.lines()))
        await at(talk, DAY - SECOND)
        await talk.says("in time")
        await talk.reaches("in time")
        await at(talk, DAY)
        ts = await talk.says("late")
        await talk.bears(ts, CROSS)


async def test_another_business_may_not_write_first(database_url: str) -> None:
    """I-12: a conversation that only the native app has opened knows no window of ours."""
    async with World.open(database_url) as world:
        ren = world.customer("messenger", name="Ren")
        await world.meta.native_reply(world.account("messenger"), ren, "We wrote first")
        root = await world.root("We wrote first")
        ts = await world.answer(root, "and from here?")
        await world.signed(root, ts, CROSS)
        assert "has not written to" in await world.until_told("Not sent")
        assert all(call.method != "messages" for call in world.meta.calls)


async def test_an_answer_that_was_held_past_its_time_is_refused_when_the_account_is_mended(database_url: str) -> None:
    """CT-31, ZI-22: the login died before the close and came back after it: the author hears why it does not go."""
    async with talking(database_url) as talk:
        account = talk.world.account("messenger")
        talk.world.meta.revoke(account, subcode=460)
        ts = await talk.says("held")
        await talk.world.until(lambda: talk.world.roots(ALERTS))
        await at(talk, DAY + MINUTE)
        talk.world.meta.restore(account, token="EAAG-again")
        await reconnect(talk.world, "messenger")
        await talk.bears(ts, CROSS)
        await talk.world.until_told("for 1 day after")
        await talk.world.calm()
        assert talk.phone() == []
