"""How connecting comes out: by either login, for accounts that may not begin yet, and for what waited meanwhile."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bridge.demo.meta.world import Account, Token
from bridge.model.state import Login, Platform
from bridge.wording.pages import PageWording
from tests.connect.stage import Office, Visitor, office
from tests.journeys.house import ACCOUNTS, ALERTS, CHECK, SUPPORT, Kind
from tests.journeys.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OWN = "17841400000000099"


def own(house: Office, **given: Any) -> Account:
    """An Instagram account without a Page, that logs in by itself."""
    meta = house.world.meta
    meta.login.instagram_account = OWN
    return meta.add_instagram(OWN, "Hanako Art", username="hanako_art", login="instagram", **given)


async def connected(house: Office, person: Visitor) -> str:
    """Connect it, and say what the page says."""
    await person.go(house.link(channel=SUPPORT, alerts_channel=ALERTS))
    await person.click("instagram")
    pick = await person.click("grant")
    assert pick.offered == [f"instagram:{OWN}"]
    return (await person.press("pick")).words


def told(world: World, words: str, *channels: str) -> list[str]:
    texts = [world.slack.plain(each) for channel in channels for each in world.roots(channel)]
    return [text for text in texts if words in text]


@pytest.mark.parametrize("wraps", [True, False])
@pytest.mark.parametrize("creator", [True, False])
async def test_an_account_without_a_page_connects_by_its_own_login(
    house: Office, person: Visitor, *, creator: bool, wraps: bool
) -> None:
    """M-01, M-02, M-28, CT-20: business or creator; Meta's answer in either of its shapes; a creator's first call is made."""
    world, account = house.world, own(house, creator=creator)
    world.meta.login.wraps = wraps
    page = await connected(house, person)
    assert "Hanako Art is connected." in page
    assert account.awake
    assert "messages" in account.subscribed_fields
    row = house.account("instagram", OWN)
    assert (row["login"], row["health"]) == ("instagram", "ready")
    days = (row["token_expires_at"] / 1e6 - world.clock.time()) / 86400
    assert 59 < days <= 60
    fan = world.meta.add_customer(account, name="Ren", username="ren")
    await world.meta.write(fan, "Do you ship to Osaka?")
    root = await world.root("Do you ship to Osaka?")
    await world.answer(root, "We do.")
    await world.until_phone(fan, ["We do."])


async def test_an_account_that_meta_does_not_offer_it_yet_is_kept_and_told_so(house: Office, person: Visitor) -> None:
    """M-03: 36103 is a state of its own; no word that it is connected."""
    account = own(house, eligible=False)
    page = await connected(house, person)
    assert PageWording("en").say("check.not_eligible", account="Hanako Art") in page
    assert house.account("instagram", OWN)["health"] == "not_eligible"
    await house.world.calm()
    assert told(house.world, "Hanako Art (Instagram) is connected", SUPPORT, ALERTS) == []
    account.eligible = True


async def test_access_that_is_not_granted_yet_is_pending_and_later_told_once(house: Office, person: Visitor) -> None:
    """I-01, I-02, M-29, M-30: no *connected* before; exactly one notice in each place when it may begin."""
    world = house.world
    own(house)
    world.meta.faults.add(method="conversations", kind="error", error="10")
    page = await connected(house, person)
    assert PageWording("en").say("check.pending", account="Hanako Art") in page
    assert "Advanced Access" in page
    assert house.account("instagram", OWN)["health"] == "pending"
    await world.calm()
    assert told(world, "Hanako Art (Instagram) is connected", SUPPORT, ALERTS) == []
    for _ in range(2):
        link = house.links.make(house.team, account=house.account("instagram", OWN)["id"])
        assert link is not None
        await person.go(link)
        await person.click("instagram")
        assert "Hanako Art is connected again" in (await person.click("grant")).words
    await world.calm()
    for channel in (SUPPORT, ALERTS):
        assert len(told(world, "Hanako Art (Instagram) is connected", channel)) == 1


@pytest.mark.parametrize("kind", ["messenger", "instagram", "instagram_login"])
async def test_replies_that_waited_for_a_login_go_as_soon_as_somebody_has_logged_in(
    house: Office, person: Visitor, kind: Kind
) -> None:
    """CT-35, ZI-18, CT-34: in order, once; the alert says that it is mended; the others stay as they are."""
    world = house.world
    yuki = world.customer(kind, name="Yuki Tanaka", username="yuki")
    await world.meta.write(yuki, "Is it in stock?")
    root = await world.root("Is it in stock?")
    world.meta.revoke(world.account(kind))
    first = await world.answer(root, "It is.")
    await world.until(lambda: told(world, "needs re-authentication", ALERTS))
    await world.answer(root, "Three of them.")
    others = [house.row(each) for each in ACCOUNTS if each != kind]
    world.meta.login.instagram_account = ACCOUNTS["instagram_login"]
    await person.go(house.link(kind))
    await person.click("instagram" if kind == "instagram_login" else "facebook")
    done = await person.click("grant")
    assert "is connected again" in done.words
    await world.until_phone(yuki, ["It is.", "Three of them."])
    await world.signed(root, first, CHECK)
    await world.until(lambda: told(world, "Mended", ALERTS))
    assert [house.row(each) for each in ACCOUNTS if each != kind] == others


async def test_the_other_login_ends_the_connection_of_the_first(house: Office, person: Visitor) -> None:
    """One Instagram account by both logins: the old subscription goes first, the account stays the same."""
    world, meta = house.world, house.world.meta
    before, account = house.row("instagram"), world.account("instagram")
    page = meta.accounts[str(account.page)]
    assert page.subscribed_fields
    account.login, account.page, account.token = "instagram", None, "IGAA-switched"
    now = world.clock.time()
    meta.world.tokens[account.token] = Token(
        value=account.token, kind="INSTAGRAM", owner=account.id, issued_at=now, scopes={"instagram_business_basic"}
    )
    meta.login.instagram_account = account.id
    link = house.link("instagram", login=Login.INSTAGRAM)
    start = await person.go(link)
    assert PageWording("en").say("start.switching", account="Shop Hanako") in start.words
    await person.click("instagram")
    done = await person.click("grant")
    assert PageWording("en").say("check.switched") in done.words
    assert page.subscribed_fields == set()
    assert "messages" in account.subscribed_fields
    after = house.row("instagram")
    assert (after["id"], after["login"]) == (before["id"], "instagram")
    calls = [(call.verb, call.host) for call in meta.calls if call.method == "subscribed_apps"]
    assert calls.index(("DELETE", "facebook")) < calls.index(("POST", "instagram"))


async def test_a_page_that_is_connected_itself_keeps_its_webhooks(house: Office, person: Visitor) -> None:
    """The same, where the Page serves Messenger too."""
    world, meta = house.world, house.world.meta
    account = world.account("instagram")
    page = meta.accounts[str(account.page)]
    await person.go(house.link())
    await person.click("facebook")
    await person.click("grant")
    await person.press("pick", f"messenger:{page.id}", **{f"channel messenger:{page.id}": SUPPORT})
    account.login, account.page, account.token = "instagram", None, "IGAA-switched"
    meta.login.instagram_account = account.id
    meta.world.tokens[account.token] = Token(
        value=account.token, kind="INSTAGRAM", owner=account.id, issued_at=0, scopes={"instagram_business_basic"}
    )
    await person.go(house.link("instagram", login=Login.INSTAGRAM))
    await person.click("instagram")
    done = await person.click("grant")
    assert PageWording("en").say("check.switched_page") in done.words
    assert page.subscribed_fields
    assert house.account(Platform.MESSENGER.value, page.id)["wish"] == "on"


async def test_everything_that_somebody_manages_is_offered_however_much_it_is(house: Office, person: Visitor) -> None:
    """ZI-06, CT-22: Meta lists a hundred at a time."""
    for number in range(130):
        house.world.meta.add_page(f"2048576{number:08d}", f"Shop {number}")
    await person.go(house.link())
    await person.click("facebook")
    page = await person.click("grant")
    assert sum(key.startswith("messenger:2048576") for key in page.offered) == 130


async def test_the_dialog_is_that_of_the_configuration(database_url: str, person: Visitor) -> None:
    """M-14, ZI-02: Facebook Login for Business by its configuration; state and PKCE in it, and no secret."""
    async with office(database_url, meta_login_config_id="77") as house:
        house.world.meta.login.config_id = "77"
        house.world.meta.login.redirects = {f"{house.world.config.public_url}/meta/callback"}
        start = await person.go(house.link("messenger"))
        query = parse_qs(urlsplit(start.link("facebook")).query)
        assert query["config_id"] == ["77"]
        assert "scope" not in query
        assert query["code_challenge_method"] == ["S256"]
        assert house.world.meta.app_secret not in start.link("facebook")
        await person.click("facebook")
        assert "is connected again" in (await person.click("grant")).words


async def test_what_cannot_be_kept_leaves_no_half_account(house: Office, person: Visitor) -> None:
    """ZI-16: account, route and notice in one go, or none of them; the same page tries again."""
    world = house.world
    own(house)
    await person.go(house.link(channel=SUPPORT))
    await person.click("instagram")
    pick = await person.click("grant")
    world.refuse_keeping()
    page = await person.press("pick")
    assert page.status == 503
    assert PageWording("en").say("lack.database") in page.words
    assert house.account("instagram", OWN) == {}
    assert world.rows("SELECT count(*) FROM route") == [(3,)]
    world.allow_keeping()
    person.page = pick
    assert "Hanako Art is connected." in (await person.press("pick")).words


async def test_who_only_looks_ahead_uses_nothing_up(house: Office, person: Visitor) -> None:
    """Chat programs and scanners fetch links before people do."""
    link = house.link("messenger")
    async with person.http.head(link) as answer:
        assert answer.status == 405
    for _ in range(3):
        assert (await person.go(link)).status == 200
    assert house.world.rows("SELECT count(*) FROM connecting") == [(0,)]


async def test_a_page_lets_nothing_else_in_and_goes_nowhere_else(house: Office, person: Visitor) -> None:
    """The link in its address is a key."""
    page = await person.go(house.link())
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script" not in page.text
    assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("no-referrer", "no-store")
    cookie = page.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
