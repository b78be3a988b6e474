"""Whatever stands in the way of connecting has its own sentence, the mend beside it, and a way on from there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge.connect.links import ANNOUNCED, PRINTED
from bridge.demo.meta.people import FACEBOOK_SCOPES, OWN_SCOPES
from bridge.demo.meta.world import INSTAGRAM_SCOPES
from bridge.meta.oauth import FACEBOOK_SCOPES as ASKED
from bridge.model.state import Platform
from bridge.store import schema
from bridge.wording.pages import PageWording
from tests.connect.stage import Office, Seen, Visitor, office, visitor
from tests.journeys.house import ACCOUNTS, SUPPORT, Kind

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGE, LINKED, OWN = "104857600000077", "17841400000000077", "17841400000000099"
OTHER_PAGE = "104857600000078"
Tasks = dict[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A way in which a login does not bring what is needed.

    tasks: of the person who logs in, by Page. linked: whether the Page has an Instagram account. login: which one.
    """

    lack: str
    values: dict[str, str] = field(default_factory=dict)
    tasks: Tasks | None = None
    linked: bool = True
    login: str = "facebook"
    deny: bool = False
    before: Callable[[Office], None] = lambda _: None


ABOUT = {"page": "Hanako Bakery", "person": "Maya", "account": "Hanako Bakery"}


def personal(house: Office) -> None:
    house.world.meta.accounts[OWN].personal = True


def silent(house: Office) -> None:
    house.world.meta.faults.add(method="access_token", kind="reset_before")


def unlisted(house: Office) -> None:
    house.world.meta.faults.add(method="accounts", kind="reset_before", times=2)


CASES = {
    "denied consent": Case(lack="denied", deny=True),
    "denied consent on Instagram": Case(lack="denied", deny=True, login="instagram"),
    "no Page": Case(lack="no_page", tasks={}, values=ABOUT),
    "a Page without Instagram": Case(lack="unlinked", linked=False, values=ABOUT),
    "not an admin": Case(lack="not_admin", tasks={PAGE: ("ANALYZE",)}, values=ABOUT),
    "a missing task": Case(
        lack="no_tasks", tasks={PAGE: ("ANALYZE", "MESSAGING")}, values={**ABOUT, "tasks": "MODERATE"}
    ),
    "a personal account": Case(lack="personal", login="instagram", values={"account": "@hanako_art"}, before=personal),
    "Meta silent at the exchange": Case(lack="silent_login", before=silent),
    "Meta silent at the list": Case(lack="silent", before=unlisted),
}


async def came_back(house: Office, person: Visitor, case: Case) -> Seen:
    """Follow a new link to where the case leads."""
    meta = house.world.meta
    meta.add_page(PAGE, "Hanako Bakery")
    if case.linked:
        meta.add_instagram(LINKED, "Hanako Bakery", username="hanako_bakery", page=PAGE)
    meta.add_instagram(OWN, "Hanako Art", username="hanako_art", login="instagram")
    meta.login.instagram_account = OWN
    if case.tasks is not None or case.values:
        meta.login.people.here = meta.login.people.add("Maya", case.tasks if case.tasks is not None else None).id
    case.before(house)
    await person.go(house.link())
    await person.click(case.login)
    return await person.click("deny" if case.deny else "grant")


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", CASES)
async def test_each_lack_has_its_sentence_and_its_mend(house: Office, name: str, language: str) -> None:
    """I-04, I-05, I-06, I-07, ZI-01, ZI-05, CT-20, CT-23: in the reader's language, and nothing was connected."""
    case, words, person = CASES[name], PageWording(language), visitor(language)
    try:
        page = await came_back(house, person, case)
    finally:
        await person.http.close()
    assert page.status == 200
    assert page.language == language
    assert words.say(f"lack.{case.lack}", **case.values) in page.words
    assert words.say(f"mend.{case.lack}", **case.values).replace("`", "") in page.words
    assert house.account("messenger", PAGE) == {}
    ways = {name for name, _ in page.links} | set(page.acts)
    assert ways & {"facebook", "instagram", "again", "more"}, "there is a way on"


@pytest.mark.parametrize("scope", sorted(ASKED))
async def test_every_permission_that_was_not_granted_is_named_with_what_does_not_work(
    house: Office, person: Visitor, scope: str
) -> None:
    """I-08, ZI-19, CT-24, M-15, M-16: each in turn; what needs it cannot be ticked, what does not can."""
    meta = house.world.meta
    meta.add_page(PAGE, "Hanako Bakery")
    meta.add_instagram(LINKED, "Hanako Bakery", username="hanako_bakery", page=PAGE)
    await person.go(house.link())
    await person.click("facebook")
    page = await person.press("chosen", *(FACEBOOK_SCOPES - {scope}), *meta.accounts)
    words = PageWording("en")
    if scope == "pages_show_list":
        assert "manages no Facebook Page" in page.words
        return
    assert f"{scope} – {words.say(f'scope.{scope}')}" in page.words
    messenger = scope in {"business_management", "instagram_basic", "instagram_manage_messages"}
    instagram = scope in {"business_management", "pages_messaging", "pages_read_engagement"}
    assert (f"messenger:{PAGE}" in page.offered, f"instagram:{LINKED}" in page.offered) == (messenger, instagram)
    assert "rerequest" in page.link("more")


@pytest.mark.parametrize("scope", sorted(INSTAGRAM_SCOPES))
async def test_instagram_s_own_permissions_are_named_likewise(house: Office, person: Visitor, scope: str) -> None:
    """I-08, CT-24: with Instagram Login, too."""
    house.world.meta.add_instagram(OWN, "Hanako Art", username="hanako_art", login="instagram")
    house.world.meta.login.instagram_account = OWN
    await person.go(house.link())
    await person.click("instagram")
    page = await person.press("chosen", *(OWN_SCOPES - {scope}))
    assert f"{scope} – {PageWording('en').say(f'scope.{scope}')}" in page.words
    assert page.offered == []


async def test_what_was_mended_is_looked_at_again_without_another_login(house: Office, person: Visitor) -> None:
    """CT-27, ZI-05, ZI-07, I-05: the Page is linked meanwhile; the steps before are not asked for again."""
    meta = house.world.meta
    await came_back(house, person, CASES["a Page without Instagram"])
    assert person.seen.offered
    assert f"instagram:{LINKED}" not in person.seen.offered
    exchanged = sum(call.path == "oauth/access_token" for call in meta.calls)
    meta.add_instagram(LINKED, "Hanako Bakery", username="hanako_bakery", page=PAGE)
    page = await person.press("again")
    assert f"instagram:{LINKED}" in page.offered
    assert sum(call.path == "oauth/access_token" for call in meta.calls) == exchanged


async def test_one_that_fails_is_tried_again_alone(house: Office, person: Visitor) -> None:
    """CT-27, ZI-16: what stands is kept, what failed left nothing behind."""
    meta = house.world.meta
    meta.add_page(OTHER_PAGE, "Hanako Garden")
    await came_back(house, person, Case(lack=""))
    keys = [f"messenger:{PAGE}", f"messenger:{OTHER_PAGE}"]
    token = meta.token_of(meta.accounts[PAGE])
    token.scopes -= {"pages_manage_metadata"}
    check = await person.press("pick", *keys, **{f"channel {key}": SUPPORT for key in keys})
    assert "Hanako Bakery could not be connected" in check.words
    assert "Hanako Garden is connected" in check.words
    assert house.account("messenger", PAGE) == {}
    assert house.world.rows("SELECT count(*) FROM route WHERE account NOT IN (SELECT id FROM account)") == [(0,)]
    before = house.account("messenger", OTHER_PAGE)
    token.scopes |= {"pages_manage_metadata"}
    check = await person.press("retry")
    assert "could not be connected" not in check.words
    assert house.account("messenger", PAGE)["health"] == "ready"
    assert house.account("messenger", OTHER_PAGE)["sealed"] == before["sealed"], "it was not connected once more"


async def test_an_account_of_another_workspace_is_named_and_left_there(house: Office, person: Visitor) -> None:
    """CT-28: one login serves several workspaces, but no account has two places."""
    values = {
        "name": "Other",
        "url": "https://other.slack.com/",
        "language": "en",
        "bot_person": "U9",
        "bot_author": "B9",
    }
    own = {"platform": "messenger", "remote_id": PAGE, "name": "Bakery", "login": "facebook", "wish": "on"}

    def there(hand: object) -> None:
        conn: sa.Connection = hand.conn  # type: ignore[attr-defined]
        conn.execute(sa.insert(schema.workspace).values(id="T0OTHER", **values))
        conn.execute(
            sa.insert(schema.account).values(workspace="T0OTHER", health="ready", settings={"channel": "C9"}, **own)
        )

    await house.world.by_hand(there)
    page = await came_back(house, person, Case(lack=""))
    assert PageWording("en").say("lack.elsewhere", account="Hanako Bakery") in page.words
    assert f"messenger:{PAGE}" not in page.offered
    assert f"instagram:{LINKED}" in page.offered


@pytest.mark.parametrize("kind", ["messenger", "instagram", "instagram_login"])
async def test_a_login_without_the_account_changes_nothing_and_says_whose_it_is(
    house: Office, person: Visitor, kind: Kind
) -> None:
    """CT-21, CT-34: wrong login; then the right one, by the same link."""
    meta, before = house.world.meta, house.row(kind)
    meta.add_instagram(OWN, "Hanako Art", username="hanako_art", login="instagram")
    other = meta.login.people.add("Maya", {PAGE: ("MESSAGING", "MODERATE")})
    meta.add_page(PAGE, "Hanako Bakery")
    meta.login.people.here, meta.login.instagram_account = other.id, OWN
    await person.go(house.link(kind))
    login = "instagram" if kind == "instagram_login" else "facebook"
    await person.click(login)
    page = await person.click("grant")
    who = "@hanako_art" if kind == "instagram_login" else "Maya"
    lack = "wrong_account" if kind == "instagram_login" else "wrong_login"
    assert PageWording("en").say(f"lack.{lack}", account=before["name"], person=who) in page.words
    assert house.row(kind) == before
    await person.click(login)
    await person.click(f"as-{ACCOUNTS[kind] if kind == 'instagram_login' else '1220000000000001'}")
    done = await person.click("grant")
    assert f"{before['name']} is connected again" in done.words


async def test_another_person_is_asked_about_and_nothing_is_lost(house: Office, person: Visitor) -> None:
    """CT-34: explicit choice, the same row, the same settings."""
    meta = house.world.meta
    await person.go(house.link("messenger"))
    await person.click("facebook")
    await person.click("grant")
    before = house.row("messenger")
    meta.login.people.here = meta.login.people.add("Maya").id
    start = await person.go(house.link("messenger"))
    assert "Last time K. Sato logged in" in start.words
    await person.click("facebook")
    page = await person.click("grant")
    assert "Go on as Maya?" in page.words
    assert house.row("messenger") == before
    done = await person.press("go")
    assert "Hanako Flowers is connected again" in done.words
    after = house.row("messenger")
    assert (after["id"], after["name"]) == (before["id"], before["name"])
    assert after["connected_by"] != before["connected_by"]


# ── links ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("within", [PRINTED, ANNOUNCED])
async def test_a_link_that_has_expired_says_how_to_get_another(
    house: Office, person: Visitor, within: timedelta
) -> None:
    link = house.link("messenger", within=within)
    house.world.clock.move(within + timedelta(seconds=5))
    await house.world.ticked()
    page = await person.go(link)
    assert page.status == 410
    assert "This link has expired." in page.words
    assert "threadbridge accounts connect" in page.words


async def test_a_login_begun_in_time_is_taken_although_the_link_ended_at_meta(house: Office, person: Visitor) -> None:
    """CT-35: opened at minute 59, back from Meta at minute 61: the login is kept, and the flow goes on."""
    await person.go(house.link())
    house.world.clock.move(PRINTED + timedelta(minutes=2))  # its login opens at Meta, whose codes live for ten minutes
    await person.click("facebook")
    page = await person.click("grant")
    assert (page.status, "Which accounts should come to Slack?" in page.words) == (200, True), page.words


async def test_a_link_serves_one_login_and_then_says_so(house: Office, person: Visitor) -> None:
    link = house.link("messenger")
    await person.go(link)
    await person.click("facebook")
    assert (await person.click("grant")).status == 200
    stranger = visitor()
    for each in (person, stranger):
        page = await each.go(link)
        assert page.status == 410
        assert "used already" in page.words
    await stranger.http.close()


async def test_an_answer_from_meta_in_another_browser_is_not_taken(house: Office, person: Visitor) -> None:
    """A login that somebody else has begun must not end in this browser (RFC 6749, 10.12)."""
    await person.go(house.link("messenger"))
    dialog = await person.click("facebook")
    back, stranger, before = dialog.link("grant"), visitor(), house.row("messenger")
    page = await stranger.go(back)
    assert page.status == 400
    assert "This was not begun in this browser." in page.words
    assert house.row("messenger") == before
    await stranger.http.close()
    assert (await person.go(back)).status == 200


async def test_a_return_is_exchanged_once_however_often_it_is_loaded(house: Office, person: Visitor) -> None:
    await person.go(house.link())
    dialog = await person.click("facebook")
    for _ in range(2):
        assert "Which accounts should come to Slack?" in (await person.go(dialog.link("grant"))).words
    assert sum("code" in call.arguments for call in house.world.meta.calls) == 1


@pytest.mark.parametrize("query", ["", "link=", "link=x", "link=%FF%00", "link=gAAAAAB" + "A" * 200])
async def test_what_is_no_link_is_told_so(house: Office, person: Visitor, query: str) -> None:
    for path in ("/meta/connect", "/meta/callback"):
        page = await person.go(f"{house.world.url}{path}?{query}&code=x&state=a.b.f")
        assert page.status == 400
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


async def test_an_account_that_is_gone_is_told_so(house: Office, person: Visitor) -> None:
    link = house.link("messenger")
    await house.remove(Platform.MESSENGER, ACCOUNTS["messenger"])
    page = await person.go(link)
    assert page.status == 410
    assert "no longer connected" in page.words


async def test_a_bridge_without_a_meta_app_names_the_settings(database_url: str) -> None:
    person = visitor()
    async with office(database_url, meta_app_id=None, instagram_app_id=None) as house:
        page = await person.go(house.link())
    await person.http.close()
    assert page.status == 503
    assert "META_APP_ID" in page.words
