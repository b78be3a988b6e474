"""Installing by OAuth: every way of not finishing, tokens that end, and a whole organisation at once."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.journeys.house import AKI, SUPPORT
from tests.journeys.tenants import OTHER_TEAM, PUBLIC, TEAM, Page, Tenants, tenants

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ORG = "E0HANAKO"


def said(page: Page) -> tuple[int, str]:
    """The status and the sentence under the heading of a page that does not go on."""
    return page.status, page.text.partition("<h1>")[2].partition("<p>")[2].partition("</p>")[0]


async def test_every_way_of_not_finishing_says_so_and_keeps_nothing(database_url: str) -> None:
    """CT-28: called off, another browser, too late, twice, refused, silence; each page has a way to start again."""
    async with tenants(database_url) as at:
        begun, page = await at.asked(TEAM)
        called_off = await at.get(page.link("deny"), begun.cookies)
        assert said(called_off)[0] == 200
        assert "called off" in said(called_off)[1]
        assert said(await at.get(page.link("allow")))[0] == 400
        assert said(await at.get(page.link("allow"), {"slack_install": "somebody-elses-browser"}))[0] == 400
        for tampered in ("", "x" * 200):
            made_up = await at.get(f"{PUBLIC}/slack/oauth_redirect?code=c&state={tampered}", begun.cookies)
            assert said(made_up)[0] == 400
        at.world.slack.faults.add(method="oauth.v2.access", kind="error", error="internal_error")
        status, words = said(await at.get(page.link("allow"), begun.cookies))
        assert status == 400
        assert "internal_error" in words
        assert said(await at.get(page.link("allow"), begun.cookies))[0] == 409

        begun, page = await at.asked(TEAM)
        at.world.slack.faults.add(method="oauth.v2.access", kind="reset_before")
        assert said(await at.get(page.link("allow"), begun.cookies))[0] == 502

        begun, page = await at.asked(TEAM)
        at.world.clock.move(timedelta(minutes=11))
        await at.world.arrived()
        assert said(await at.get(page.link("allow"), begun.cookies))[0] == 400
        assert at.world.rows("SELECT id FROM installation") == []


async def test_what_a_browser_and_the_database_hold_is_sealed(database_url: str) -> None:
    """CT-28: no token stands open anywhere; what was not allowed is named, and what is allowed counts."""
    async with tenants(database_url) as at:
        begun, page = await at.asked(TEAM)
        async with at.world.http.get(f"{at.world.url}/slack/install", allow_redirects=False) as answer:
            (cookie,) = answer.headers.getall("Set-Cookie")
            assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert all(each in cookie for each in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/slack", "Max-Age=600"))
        assert begun.cookies["slack_install"] not in begun.location
        (code,) = at.world.slack.world.codes
        kept = at.world.slack.world.codes[code]
        at.world.slack.world.codes[code] = type(kept)(
            redirect=kept.redirect, scopes=kept.scopes - {"reactions:write"}, ends=kept.ends
        )
        done = await at.get(page.link("allow"), begun.cookies)
        assert "reactions:write" in done.text
        token = at.world.slack.bot_token
        assert token not in done.text
        assert done.text.count("T0DEMO") == 1
        assert "/bridge" in done.text
        assert "--workspace" not in done.text
        everything = json.dumps([at.world.rows("SELECT * FROM installation"), at.world.rows("SELECT * FROM audit")])
        assert token not in everything
        assert "reactions:read" in everything


async def test_a_token_that_ends_is_exchanged_before_it_does(database_url: str) -> None:
    """CT-28: once, in time; words go on through the change of tokens, and the former one is not needed."""
    async with tenants(database_url) as at:
        here = at.world.slack
        here.world.install.rotates = True
        await at.install(TEAM)
        first = here.bot_token
        yuki = at.world.customer(name="Yuki Tanaka")
        await at.world.meta.write(yuki, "Is it in stock?")
        root = await at.stands(here, "in stock")
        at.world.clock.move(timedelta(hours=10, minutes=30))
        await at.world.until(lambda: here.bot_token != first)
        await at.world.until(
            lambda: not at.world.rows("SELECT id FROM installation WHERE refreshing_until IS NOT NULL")
        )
        here.world.install.former.add(first)
        await here.say(AKI, SUPPORT, "Yes, it is.", thread_ts=root.ts)
        await at.world.until_phone(yuki, ["Yes, it is."])
        refreshes = [each for each in here.calls if each.arguments.get("grant_type") == "refresh_token"]
        assert [each.ok for each in refreshes] == [True]


@pytest.fixture
async def at_org(database_url: str) -> AsyncIterator[Tenants]:
    """Both workspaces are an organisation's, which installs the app as a whole."""
    async with tenants(database_url) as at:
        for slack in (at.world.slack, at.other):
            slack.world.feed.enterprise = ORG
        yield at


async def test_a_whole_organisation_is_installed_and_removed_at_once(at_org: Tenants) -> None:
    """CT-28: one token for its workspaces, events keyed by the workspace they happened in, and an end for all of them."""
    at = at_org
    here = at.world.slack
    await at.install(TEAM)
    assert at.world.rows("SELECT id, enterprise FROM installation") == [(ORG, ORG)]
    assert at.world.rows("SELECT id, enterprise FROM workspace") == [(TEAM, ORG)]
    yuki = at.world.customer(name="Yuki Tanaka")
    await at.world.meta.write(yuki, "Is it in stock?")
    root = await at.stands(here, "in stock")
    await here.say(AKI, SUPPORT, "Yes, it is.", thread_ts=root.ts)
    await at.world.until_phone(yuki, ["Yes, it is."])
    assert await here.click(AKI, SUPPORT, root.ts, "take") == 200
    at.uninstall(here)
    await at.world.until(lambda: at.world.rows("SELECT id FROM installation WHERE revoked_at IS NOT NULL"))
    await at.world.meta.write(yuki, "In blue too?")
    await at.world.until(lambda: at.world.rows(f"SELECT id FROM target WHERE held_by = 'desk:{TEAM}'"))  # noqa: S608
    assert not [line for line in at.lines(here) if "blue" in line]
    await at.quiet()
    await at.install(TEAM)
    await at.stands(here, "In blue too?")


async def test_a_workspace_that_an_organisation_adds_is_found(at_org: Tenants) -> None:
    """CT-28: nobody installs anything for it; its events and accounts count from then on."""
    at = at_org
    await at.install(TEAM)
    at.world.slack.world.siblings = {OTHER_TEAM: "The other one"}
    at.world.clock.move(timedelta(hours=1))
    await at.world.until(lambda: len(at.world.rows("SELECT id FROM workspace WHERE enterprise IS NOT NULL")) == 2)


async def test_an_end_that_is_told_late_ends_nothing_that_was_installed_since(database_url: str) -> None:
    """CT-28: Slack tells a thing for six minutes; only a token that is dead is forgotten."""
    async with tenants(database_url) as at:
        here = at.world.slack
        await at.install(TEAM)
        for event in (
            {"type": "app_uninstalled"},
            {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0BRIDGE"]}},
        ):
            here.world.feed.announce({**event, "event_ts": f"{at.world.clock.time() + 5:.6f}"})
        await here.settle()
        yuki = at.world.customer(name="Yuki Tanaka")
        await at.world.meta.write(yuki, "Is it in stock?")
        await at.stands(here, "in stock")
        assert at.world.rows("SELECT id FROM installation WHERE revoked_at IS NOT NULL") == []
