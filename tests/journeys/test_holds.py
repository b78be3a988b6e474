"""What is held comes back by itself as soon as it can, and what nobody can settle holds up nothing else for long."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bridge import lanes
from bridge.model.decision import Decision, Hold, Moment
from bridge.model.effects import KeepSubscribed
from bridge.model.ids import AccountId, WorkspaceId
from bridge.ports import Ending, OutboxRow
from bridge.workers.finish import PROBE_AGAIN, rested
from tests.journeys.seen import decided, figure, posted, told_of, words
from tests.journeys.world import ALERTS, CHECK, HOUR, MINUTE, OTHER, SUPPORT, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
POST = "chat.postMessage"


def held(world: World) -> list[str]:
    """The targets that are held, and by which incidents."""
    return [f"{target} {key}" for target, key in world.rows("SELECT id, held_by FROM target WHERE held_by IS NOT NULL")]


async def refused(world: World, error: str) -> None:
    """Wait until Slack has refused a call with *error*, and what follows from that is decided."""
    await world.until(lambda: any(call.error == error for call in world.slack.calls))
    await decided(world)


async def pass_by(world: World, minutes: int) -> None:
    """Let minutes pass, one after another."""
    for _ in range(minutes):
        world.clock.move(MINUTE)
        await world.ticked(2)


@SQLITE
async def test_a_token_that_stays_dead_for_long_is_asked_about_until_it_lives(database_url: str) -> None:
    """The question whether the token lives is refused itself: that holds nothing, and it is asked again every 30 s."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        dead = world.slack.faults.add(method="*", kind="error", error="invalid_auth", times=None)
        await world.meta.write(yuki, "one")
        await refused(world, "invalid_auth")
        await pass_by(world, 3)
        assert held(world) == ["desk:T0DEMO desk:T0DEMO"]
        assert sum(call.method == "auth.test" for call in world.slack.calls) >= 2
        world.slack.faults.remove(dead)
        await world.forward(world.roots)
        assert words(world, await world.root("one")) == ["one"]
        await world.until(lambda: held(world) == [])


@SQLITE
@pytest.mark.parametrize("error", ["restricted_action", "missing_scope", "ekm_access_denied"])
async def test_a_channel_forbidden_by_a_rule_is_tried_until_it_is_allowed(database_url: str, error: str) -> None:
    """No event tells that a rule of the workspace has changed: one post is tried every 5 minutes, then all go, in order."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        rule = world.slack.faults.add(method=POST, kind="error", error=error, times=None, match={"channel": SUPPORT})
        await world.meta.write(yuki, "one")
        await world.meta.write(yuki, "two")
        await refused(world, error)
        await pass_by(world, 12)
        assert 2 <= sum(call.error == error for call in world.slack.calls) <= 4
        world.slack.faults.remove(rule)
        await pass_by(world, 6)
        assert words(world, await world.root("two")) == ["one", "two"]
        await world.until(lambda: all("Mended" in line for line in posted(world, ALERTS)))
        assert len(told_of(world)) == 1
        await world.until(lambda: held(world) == [])


@SQLITE
async def test_a_permission_that_was_granted_is_found_after_a_start_and_the_signs_come(database_url: str) -> None:
    """The app was installed again, and the bridge started anew: what was held for want of a permission is tried at once."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "one")
        root = await world.root("one")
        lack = world.slack.faults.add(method="reactions.add", kind="error", error="missing_scope", times=None)
        ts = await world.answer(root, "hi")
        await world.until_phone(yuki, ["hi"])
        await refused(world, "missing_scope")
        world.slack.faults.remove(lack)
        await world.stop()
        await world.start()
        await world.signed(root, ts, CHECK)
        await world.until(lambda: held(world) == [])


@SQLITE
async def test_one_try_by_an_operator_is_enough_for_all_that_waits(database_url: str) -> None:
    """`outbox retry` lets one through; as it goes, the hold is over and the others follow."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "zero")
        root = await world.root("zero")
        await world.calm()
        match = {"channel": SUPPORT}
        rule = world.slack.faults.add(method=POST, kind="error", error="restricted_action", times=None, match=match)
        for word in ("one", "two", "three"):
            await world.meta.write(yuki, word)
        await refused(world, "restricted_action")
        world.slack.faults.remove(rule)
        await world.by_hand(lambda hand: hand.tx.effects.retry(hand.moment.steady))
        await world.until(lambda: words(world, root) == ["zero", "one", "two", "three"])
        await world.until(lambda: held(world) == [])


@SQLITE
@pytest.mark.parametrize("error", ["is_archived", "not_in_channel", "channel_not_found"])
async def test_a_sign_that_meets_a_closed_channel_comes_when_it_is_open_again(database_url: str, error: str) -> None:
    """The answer has gone; its sign waits for the channel alone, and signs in other channels do not wait with it."""
    async with World.open(database_url) as world:
        await world.set("instagram", channel=OTHER)
        yuki, ken = world.customer(name="Yuki"), world.customer("instagram", name="Ken")
        await world.meta.write(yuki, "one")
        root = await world.root("one")
        await world.meta.write(ken, "hello")
        other = await world.root("hello", OTHER)
        await world.calm()
        match = {"channel": SUPPORT}
        closed = world.slack.faults.add(method="reactions.add", kind="error", error=error, times=None, match=match)
        ts = await world.answer(root, "hi")
        await world.until_phone(yuki, ["hi"])
        await refused(world, error)
        beside = await world.answer(other, "yes")
        await world.signed(other, beside, CHECK)
        world.slack.faults.remove(closed)
        await pass_by(world, 6)
        await world.signed(root, ts, CHECK)
        await world.until(lambda: held(world) == [])


@SQLITE
async def test_an_answer_that_goes_while_its_channel_is_archived_bears_its_sign_afterwards(database_url: str) -> None:
    """Archived between the answer and its sign, and opened again: Slack tells of both, and the sign is not forgotten."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "one")
        root = await world.root("one")
        await world.calm()
        world.meta.faults.add(method="messages", kind="latency", seconds=0.5)
        ts = await world.answer(root, "hi")
        await world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE kind='SendToCustomer' AND state='working'"))
        world.slack.archive(SUPPORT)
        await world.until_phone(yuki, ["hi"])
        await refused(world, "is_archived")
        world.slack.unarchive(SUPPORT)
        await world.signed(root, ts, CHECK)


@SQLITE
@pytest.mark.parametrize("error", ["not_in_channel", "channel_not_found"])
async def test_a_look_into_a_channel_that_is_closed_is_made_when_it_is_open(database_url: str, error: str) -> None:
    """A post whose answer is lost just before the channel is: looked for afterwards, shown once, and in order."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "one")
        root = await world.root("one")
        await world.calm()
        world.slack.faults.add(method="conversations.replies", kind="error", error=error)
        world.slack.faults.add(method=POST, kind="reset_before", match={"text": "two"})
        await world.meta.write(yuki, "two")
        await world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE state = 'unsure'"))
        await world.forward(lambda: any(call.error == error for call in world.slack.calls))
        await decided(world)
        await world.meta.write(yuki, "three")
        await pass_by(world, 7)
        await world.until(lambda: words(world, root) == ["one", "two", "three"])
        await world.until(lambda: held(world) == [])


@SQLITE
@pytest.mark.parametrize("error", ["mercury_in_retrograde", "missing_scope"])
async def test_a_post_that_cannot_be_looked_for_holds_up_its_conversation_for_a_minute(
    database_url: str, error: str
) -> None:
    """Whatever refuses the look: after 60 s what follows goes on, and the alerts channel hears of it once."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "one")
        root = await world.root("one")
        await world.calm()
        world.slack.faults.add(method="conversations.replies", kind="error", error=error, times=None)
        world.slack.faults.add(method=POST, kind="reset_before", match={"text": "two"})
        await world.meta.write(yuki, "two")
        await world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE state = 'unsure'"))
        await world.meta.write(yuki, "three")
        await world.forward(lambda: any(call.error == error for call in world.slack.calls))
        await decided(world)
        assert words(world, root) == ["one"]
        world.clock.move(MINUTE)
        await world.until(lambda: words(world, root) == ["one", "three"])
        await world.until(lambda: any("could not be shown" in line for line in posted(world, ALERTS)))
        await world.ticked()
        assert sum("could not be shown" in line for line in posted(world, ALERTS)) == 1


@SQLITE
async def test_an_alert_that_cannot_be_looked_for_is_told_rather_twice_than_not_at_all(database_url: str) -> None:
    """The alerts channel cannot be read, and an alert's answer is lost: after 60 s it is posted, and others follow."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "hello")
        root = await world.root("hello")
        await world.calm()
        match = {"channel": ALERTS}
        world.slack.faults.add(method="conversations.history", kind="error", error="odd", times=None, match=match)
        world.slack.faults.add(method=POST, kind="reset_before", match=match)
        for word in ("xx", "yy"):
            world.slack.faults.add(method=POST, kind="error", error="invalid_blocks", match={"text": word}, times=2)
            await world.meta.write(yuki, word)
        await world.forward(lambda: len(posted(world, ALERTS)) == 2)
        assert words(world, root) == ["hello"]


@SQLITE
async def test_a_message_that_no_thread_takes_does_not_fill_the_channel_with_cards(database_url: str) -> None:
    """Two new threads at once, then one every 5 minutes, and not for ever; told once; what follows goes on."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "one")
        await world.root("one")
        await world.calm()
        world.slack.faults.add(
            method=POST, kind="error", error="cannot_reply_to_message", times=None, match={"text": "never-ever"}
        )
        await world.meta.write(yuki, "word " * 150 + "never-ever")
        alert = await world.until(lambda: next(iter(world.roots(ALERTS)), None))
        assert "could not be shown" in world.slack.plain(alert)
        await world.ticked()
        assert len(world.roots()) == 3
        await world.meta.write(yuki, "three")
        await pass_by(world, 40)
        root = await world.root("three")
        assert words(world, root)[-1] == "three"
        assert len(world.roots()) <= 9
        assert len(world.roots(ALERTS)) == 1


@SQLITE
async def test_a_card_that_is_answered_as_if_it_were_a_reply_is_tried_again_slowly(database_url: str) -> None:
    """A root needs no thread; if Slack says that its thread takes no reply, it is told, and tried in 5 minutes."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        odd = world.slack.faults.add(method=POST, kind="error", error="thread_not_found", times=None,
                                     match={"channel": SUPPORT})  # fmt: skip
        await world.meta.write(yuki, "one")
        await world.until(lambda: any("could not be shown" in line for line in posted(world, ALERTS)))
        await pass_by(world, 11)
        assert 2 <= sum(call.error == "thread_not_found" for call in world.slack.calls) <= 4
        world.slack.faults.remove(odd)
        await pass_by(world, 6)
        assert words(world, await world.root("one")) == ["one"]
        assert len(world.roots()) == 1


@SQLITE
@pytest.mark.parametrize("error", ["org_login_required", "accesslimited", "message_limit_exceeded"])
async def test_a_desk_that_takes_nothing_for_a_while_is_one_incident_that_ends(database_url: str, error: str) -> None:
    """Moved or limited by Slack: an incident at once, told as soon as anything can be, and over with the first post."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        moving = world.slack.faults.add(method=POST, kind="error", error=error, times=None)
        await world.meta.write(yuki, "one")
        incidents = "SELECT kind, closed_at IS NULL FROM incident"
        await world.until(
            lambda: [(kind, bool(still)) for kind, still in world.rows(incidents)] == [("desk_moving", True)]
        )
        await pass_by(world, 12)
        assert len(world.rows(incidents)) == 1
        world.slack.faults.remove(moving)
        await pass_by(world, 6)
        assert words(world, await world.root("one")) == ["one"]
        await world.until(lambda: [bool(still) for _, still in world.rows(incidents)] == [False])
        assert len(world.roots()) == 1
        assert len(world.roots(ALERTS)) <= 1


@SQLITE
async def test_an_account_whose_credential_cannot_be_opened_is_held_and_told_though_nobody_writes(
    database_url: str,
) -> None:
    """CT-21: the hourly look at its subscription meets it first; it is tried once, and no more until it is mended."""
    async with World.open(database_url) as world:
        await world.ticked()
        await world.calm()
        world.spoil_tokens()
        world.clock.move(HOUR + MINUTE)
        accounts = [account for (account,) in world.rows("SELECT id FROM account")]
        await world.until(lambda: sum("secret key" in line for line in posted(world, ALERTS)) == len(accounts))
        assert sorted(held(world)) == sorted(f"network:{account} reauth:{account}" for account in accounts)
        await pass_by(world, 2)
        tries = await figure(world, "threadbridge_effects_total", kind="KeepSubscribed", outcome="Held")
        assert tries == len(accounts) == len(world.roots(ALERTS))


@pytest.mark.parametrize(
    ("target", "rests"),
    [
        (None, True),
        ("network:2:reads", True),
        ("network:1:subscription", False),
        ("network:1", False),
        ("network", False),
    ],
)
def test_what_is_refused_for_a_hold_that_nothing_places_rests_a_little(target: str | None, rests: bool) -> None:
    """Whatever rule forgets to hold, no row is tried again at once, and so without an end."""
    account, steady = AccountId(1), datetime(2027, 1, 1, tzinfo=UTC)
    effect = KeepSubscribed(workspace=WorkspaceId("T1"), account=account)
    queued = lanes.queue(effect, position=0)
    row = OutboxRow(
        id=1, effect=effect, lane=queued.lane, target=queued.target, attempts=0, position=0, rank=queued.rank
    )
    decision = Decision(holds=() if target is None else (Hold(target=target, key="reauth:1"),))
    ending = rested(row, decision, Ending(state="ready", reason="reauth"), Moment(now=steady, steady=steady))
    assert ending.not_before == (steady + PROBE_AGAIN if rests else None)
    assert ending.state == "ready"
