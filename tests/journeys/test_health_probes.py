"""Accounts are asked about without being asked: what is broken is told before anybody writes, and what is mended goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge.demo.meta import MetaStandIn
from bridge.demo.meta.world import Account
from bridge.model.ids import PersonRef, PlaceRef, WorkspaceId
from bridge.model.state import AccountSettings, Health, Login, Platform
from bridge.secrets import Sealer
from bridge.store import accounts, schema
from tests.journeys.files import PNG
from tests.journeys.house import AKI, SECOND, SUPPORT, TEAM, ids_of
from tests.journeys.seen import posted
from tests.journeys.world import ALERTS, CHECK, DAY, HOUR, HOURGLASS, MINUTE, Kind, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def standing(world: World, kind: Kind) -> tuple[str, str | None]:
    """Health and cause, as the account's row has them."""
    rows = world.rows("SELECT remote_id, health, cause FROM account")
    return next((health, cause) for remote_id, health, cause in rows if remote_id == world.account(kind).id)


async def until_standing(world: World, kind: Kind, health: str, cause: str | None) -> None:
    """Wait until an account stands so."""
    await world.until(lambda: standing(world, kind) == (health, cause))


async def first_asked(world: World) -> None:
    """Let the minutes pass within which every account is asked about for the first time."""
    await world.until(lambda: not world.rows("SELECT id FROM account WHERE probe_at IS NULL"))
    world.clock.move(5 * MINUTE)


BREAKS: list[tuple[str, Kind, Callable[[MetaStandIn, Account], None], str]] = [
    ("ZM-09", "instagram_login", lambda meta, account: meta.expire(account, timedelta(0)), "token_expired"),
    ("CT-36", "messenger", lambda meta, account: meta.revoke(account, 460), "password_changed"),
    ("ZM-10", "messenger", lambda meta, account: meta.withdraw(account, "pages_messaging"), "permission_revoked"),
    ("ZM-11", "messenger", lambda meta, account: meta.allow_elsewhere(account), "page_not_authorised"),
    ("ZM-12", "messenger", lambda meta, account: meta.remove(account), "page_removed"),
    ("ZM-13", "messenger", lambda meta, account: meta.revoke(account, 458), "app_deauthorised"),
    ("CT-33", "messenger", lambda meta, account: meta.revoke(account, 492), "role_lost"),
    ("CT-33", "messenger", lambda meta, account: meta.revoke(account, 459), "checkpoint"),
    ("CT-33", "messenger", lambda meta, account: meta.revoke(account, 464), "unconfirmed"),
    ("CT-26", "instagram", lambda meta, account: meta.unlink(account), "page_link"),
]


@pytest.mark.parametrize(("requirement", "kind", "breaks", "cause"), BREAKS, ids=[each[3] for each in BREAKS])
async def test_what_breaks_is_found_within_one_probe_though_nobody_writes(
    database_url: str,
    requirement: str,
    kind: Kind,
    breaks: Callable[[MetaStandIn, Account], None],
    cause: str,
) -> None:
    """CT-26, CT-33, CT-36, ZM-09, ZM-10, ZM-11, ZM-12, ZM-13: one alert with the exact cause, and only that account."""
    async with World.open(database_url) as world:
        breaks(world.meta, world.account(kind))
        await first_asked(world)
        await until_standing(world, kind, "needs_reauthentication", cause)
        await world.until(lambda: posted(world, ALERTS))
        others = [each for each in ("messenger", "instagram", "instagram_login") if each != kind]
        assert [standing(world, each) for each in others] == [("ready", None)] * 2, requirement  # type: ignore[arg-type]
        assert len(posted(world, ALERTS)) == 1
        assert world.account(kind).name in posted(world, ALERTS)[0]


async def test_a_checkpoint_that_is_solved_lets_what_waits_go_by_itself(database_url: str) -> None:
    """CT-33, CT-31: the reply waits with its hourglass, the customer's words are shown, and within the hour it goes."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "hello")
        root = await world.root("hello")
        world.meta.revoke(world.account("messenger"), 459)
        ts = await world.answer(root, "hi")
        await world.until(lambda: standing(world, "messenger") == ("needs_reauthentication", "checkpoint"))
        world.clock.move(5 * SECOND)
        await world.signed(root, ts, HOURGLASS)
        await world.meta.write(yuki, "still there?")
        await world.until(lambda: any("still there?" in line for line in world.lines(root)))
        world.meta.restore(world.account("messenger"))
        for _ in range(14):
            world.clock.move(5 * MINUTE)
            await world.ticked(2)
        await world.until_phone(yuki, ["hi"])
        await world.signed(root, ts, CHECK)
        await world.until(lambda: standing(world, "messenger") == ("ready", None))
        await world.until(lambda: any("Mended" in line for line in posted(world, ALERTS)))
        assert len(posted(world, ALERTS)) == 1


def log_in_again(hand: accounts.Hand) -> None:
    """Let the account be well, as a login does."""
    account = accounts.find(hand.conn, *ids_of("messenger"))
    assert account is not None
    accounts.set_health(hand.conn, account.id, Health.READY, None)
    accounts.release(hand, account)


@pytest.mark.parametrize("file", [False, True])
async def test_the_first_reply_that_finds_the_page_gone_waits_for_the_next_login(
    database_url: str, *, file: bool
) -> None:
    """ZM-12, CT-34: 100/33 is refused only where the account is well; the Page is asked about first, and nobody is told of a cross."""
    async with World.open(database_url, times={"judging": timedelta(seconds=5)}) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "hello")
        root = await world.root("hello")
        await world.calm()
        world.meta.remove(world.account("messenger"))
        first = await world.answer(root, "hi", files=[("cup.png", PNG, "image/png")] if file else [])
        second = await world.answer(root, "how are you?")
        await until_standing(world, "messenger", "needs_reauthentication", "page_removed")
        world.clock.move(10 * SECOND)
        await world.signed(root, first, HOURGLASS)
        await world.signed(root, second, HOURGLASS)
        assert world.told() == []
        world.meta.remove(world.account("messenger"), removed=False)
        await world.by_hand(log_in_again)
        await world.until_phone(yuki, ["hi", "", "how are you?"] if file else ["hi", "how are you?"])
        await world.signed(root, first, CHECK)
        assert world.told() == []


async def test_a_refusal_that_says_nothing_exact_is_looked_into_at_once(database_url: str) -> None:
    """ZM-10: a plain 10 without the usual words; the token's own record names the permission that was taken back."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "hello")
        root = await world.root("hello")
        await world.calm()
        world.meta.allow_elsewhere(world.account("messenger"))
        await world.answer(root, "hi")
        await world.until(lambda: standing(world, "messenger") == ("needs_reauthentication", "page_not_authorised"))
        await world.until(lambda: any("not allowed to use it" in line for line in posted(world, ALERTS)))


async def test_a_refusal_that_no_question_explains_does_not_open_and_close_the_hold_for_ever(database_url: str) -> None:
    """ZM-10: Meta refuses, and says that all is well: one incident, one try at a time, and it ends when one goes through."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "hello")
        root = await world.root("hello")
        await world.calm()
        odd = world.meta.faults.add(method="messages", kind="error", error="200", times=None)
        await world.answer(root, "hi")
        await world.until(lambda: standing(world, "messenger")[0] == "needs_reauthentication")
        for _ in range(12):
            world.clock.move(5 * MINUTE)
            await world.ticked(2)
        tries = sum(call.method == "messages" and call.verb == "POST" for call in world.meta.calls)
        assert 2 <= tries <= 12
        assert len(world.rows("SELECT id FROM incident")) == 1
        world.meta.faults.remove(odd)
        for _ in range(3):
            world.clock.move(5 * MINUTE)
            await world.ticked(2)
        await world.until_phone(yuki, ["hi"])
        await world.until(lambda: standing(world, "messenger") == ("ready", None))
        assert len(world.rows("SELECT id FROM incident")) == 1


async def test_an_account_that_waits_for_metas_access_is_told_of_once_when_it_has_it(database_url: str) -> None:
    """I-01, I-02, M-03: not eligible is asked about every day; then one notice, and what waited goes."""
    async with World.open(database_url, start=False) as world:
        account = world.account("instagram_login")
        account.eligible = False

        def refuse(hand: accounts.Hand) -> None:
            found = accounts.find(hand.conn, *ids_of("instagram_login"))
            assert found is not None
            accounts.set_health(hand.conn, found.id, Health.NOT_ELIGIBLE, "not_eligible")

        await world.by_hand(refuse)
        await world.start()
        await first_asked(world)
        await world.until(lambda: any("does not offer" in line for line in posted(world, ALERTS)))
        account.eligible = True
        for _ in range(26):
            world.clock.move(HOUR)
            await world.ticked(2)
        await world.until(lambda: standing(world, "instagram_login") == ("ready", None))
        await world.until(lambda: [line for line in posted(world, ALERTS) if "is enabled" in line])
        world.clock.move(DAY)
        await world.calm()
        assert sum("is enabled" in line for line in posted(world, ALERTS)) == 1
        assert sum("Mended" in line for line in posted(world, ALERTS)) == 1


async def test_a_clock_that_jumps_back_postpones_no_probe_for_long(database_url: str) -> None:
    """CT-33: what was to be asked in a year is asked within minutes."""
    async with World.open(database_url) as world:
        world.clock.move(400 * DAY)
        await first_asked(world)
        await world.until(lambda: any(call.method == "debug_token" for call in world.meta.calls))
        await world.calm()
        world.clock.move(-400 * DAY)
        world.meta.revoke(world.account("messenger"), 460)
        soon = int((world.clock.time() + HOUR.total_seconds()) * 1_000_000)
        await world.until(lambda: all(at < soon for (at,) in world.rows("SELECT probe_at FROM account")))
        world.clock.move(5 * MINUTE)
        await until_standing(world, "messenger", "needs_reauthentication", "password_changed")


async def test_webhooks_that_have_stopped_are_asked_for_again_and_the_gap_is_read(database_url: str) -> None:
    """CT-31: the probe sees that Meta tells nothing any more, and what was written meanwhile is shown."""
    async with World.open(database_url) as world:
        await world.until(lambda: sum(call.method == "subscribed_apps" for call in world.meta.calls) == 3)
        world.meta.unsubscribe(world.account("messenger"))
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "is anybody there?")
        await first_asked(world)
        await world.until(lambda: "messages" in world.account("messenger").subscribed_fields)
        await world.until(
            lambda: any("is anybody there?" in line for root in world.roots() for line in world.lines(root))
        )


def connect_further(world: World, pages: int) -> Callable[[accounts.Hand], None]:
    """Connect further Pages that belong to the same login, all owned by one person."""
    sealer = Sealer(world.config.secret_key.values)
    for number in range(pages):
        world.meta.add_page(f"2048576000000{number:02}", f"Shop {number}", token=f"EAAG-{number}", subscribed=True)

    def connect(hand: accounts.Hand) -> None:
        settings = AccountSettings(channel=PlaceRef(SUPPORT), alerts_channel=PlaceRef(ALERTS), owners=(PersonRef(AKI),))
        for number in range(pages):
            wanted = accounts.Connecting(
                workspace=WorkspaceId(TEAM),
                platform=Platform.MESSENGER,
                remote_id=f"2048576000000{number:02}",
                name=f"Shop {number}",
                login=Login.FACEBOOK,
                health=Health.READY,
                cause=None,
                sealed=sealer.seal(f"EAAG-{number}"),
                settings=settings,
            )
            accounts.connect(hand, wanted)

    return connect


def set_due(hand: accounts.Hand) -> None:
    """Have one of them asked about now, and the others much later."""
    own = schema.account
    hand.conn.execute(sa.update(own).values(probe_at=hand.moment.now + 20 * HOUR))
    hand.conn.execute(sa.update(own).where(own.c.name == "Shop 7").values(probe_at=hand.moment.now))


async def test_a_login_that_dies_takes_all_its_pages_in_one_burst(database_url: str) -> None:
    """CT-36: one is found by chance, the others are asked about at once: a handful of alerts, not one for each all day."""
    async with World.open(database_url, start=False) as world:
        await world.by_hand(connect_further(world, 30))
        for number in range(30):
            world.meta.revoke(world.meta.accounts[f"2048576000000{number:02}"], 460)
        await world.by_hand(set_due)
        await world.start()
        began = world.clock.time()
        await world.forward(lambda: any("30 accounts need" in line for line in posted(world, ALERTS)))
        assert world.clock.time() - began < (10 * MINUTE).total_seconds()
        await world.calm()
        assert 0 < len(posted(world, ALERTS)) < 8
        assert len(world.slack.dms(AKI)) < 8
