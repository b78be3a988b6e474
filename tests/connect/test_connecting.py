"""Connecting accounts by a link, over HTTP, from the link to the message in Slack."""

from __future__ import annotations

import json
import re
from functools import partial
from html import unescape

from bridge.demo.meta.people import FACEBOOK_SCOPES
from bridge.model.ids import PlaceRef
from tests.connect.stage import Office, Visitor, office
from tests.journeys.house import AKI, ALERTS, GUEST, OTHER, SUPPORT, ids_of
from tests.journeys.world import KEN, World

FRESH = "104857600000077"
FRESH_INSTAGRAM = "17841400000000077"


def notices(world: World, channel: str, name: str) -> list[str]:
    return [text for each in world.roots(channel) if f"{name} (" in (text := world.slack.plain(each))]


async def test_a_page_and_its_instagram_account_are_connected_by_one_login(house: Office, person: Visitor) -> None:
    """I-03, I-07, I-09, ZI-01, ZI-02, ZI-06, ZI-14, ZI-20, CT-22, CT-23, CT-26, M-14, ZM-06, ZM-05."""
    world = house.world
    world.meta.add_page(FRESH, "Hanako Bakery")
    world.meta.add_instagram(FRESH_INSTAGRAM, "Hanako Bakery", username="hanako_bakery", page=FRESH)
    start = await person.go(house.link())
    assert start.status == 200
    assert "Before you begin" in start.words
    assert "config_id" not in start.link("facebook")
    await person.click("facebook")
    pick = await person.click("grant")
    assert "Logged in at Meta as K. Sato" in pick.words
    assert {f"messenger:{FRESH}", f"instagram:{FRESH_INSTAGRAM}"} <= set(pick.offered)
    keys = [f"messenger:{FRESH}", f"instagram:{FRESH_INSTAGRAM}"]
    chosen = {f"channel {key}": SUPPORT for key in keys} | {f"name instagram:{FRESH_INSTAGRAM}": "Bakery on Instagram"}
    check = await person.press("pick", *keys, **chosen, alerts=ALERTS)
    assert "Hanako Bakery is connected." in check.words
    assert "Bakery on Instagram is connected." in check.words
    assert "A message about it stands in #support." in check.words
    assert "Connected tools" in check.words
    done = await person.press("finish", "tools", "live")
    assert "Still to be checked" in done.words
    assert "Advanced Access" in done.words
    assert "Connected tools" not in done.words
    assert "other accounts of this login" not in done.words
    ticked = world.rows("SELECT object, after FROM audit WHERE action = 'account.confirm' ORDER BY object")
    assert [(row[0], json.loads(row[1]) if isinstance(row[1], str) else row[1]) for row in ticked] == [
        (keys[1], {"confirmed": ["live", "tools"]}),
        (keys[0], {"confirmed": ["live"]}),
    ]
    for key, name in zip(keys, ("Hanako Bakery", "Bakery on Instagram"), strict=True):
        row = house.account(*key.split(":"))
        assert (row["name"], row["health"], row["wish"]) == (name, "ready", "on")
        assert row["connected_by"] is not None
        for channel in (SUPPORT, ALERTS):
            await world.until(partial(notices, world, channel, name))
    await world.calm()
    assert all(len(notices(world, channel, "Hanako Bakery")) == 1 for channel in (SUPPORT, ALERTS))
    baker = world.meta.add_customer(world.meta.accounts[FRESH], name="Ren")
    await world.meta.write(baker, "Is there rye bread?")
    await world.root("Is there rye bread?")


async def test_logging_in_again_is_done_in_the_callback_and_changes_nothing_else(
    house: Office, person: Visitor
) -> None:
    """CT-34, CT-35, ZI-18: the same identity keeps everything."""
    world, before = house.world, house.row("messenger")
    world.meta.revoke(world.account("messenger"))
    start = await person.go(house.link("messenger"))
    assert "Log in to Hanako Flowers again" in start.words
    await person.click("facebook")
    done = await person.click("grant")
    assert (done.status, done.words.count("Hanako Flowers is connected again")) == (200, 2)
    after = house.row("messenger")
    assert after["id"] == before["id"]
    assert after["sealed"] != before["sealed"]
    assert (after["health"], after["name"]) == ("ready", "Hanako Flowers")
    again = await person.go(house.link("messenger"))
    assert again.status == 200


async def test_an_account_that_another_login_has_ended_silently_is_found_and_told_at_once(
    house: Office, person: Visitor
) -> None:
    """CT-29: connecting B with the same login takes A away at Meta, who tells nobody."""
    world, page = house.world, house.world.account("messenger")
    await person.go(house.link("messenger"))
    await person.click("facebook")
    await person.click("grant")
    world.meta.add_page(FRESH, "Hanako Bakery")
    await person.go(house.link())
    await person.click("facebook")
    await person.press("chosen", *FACEBOOK_SCOPES, FRESH)
    assert world.meta.token_of(page).scopes == set()
    assert house.row("messenger")["health"] == "ready", "nothing was tried yet"
    await person.press("pick", f"messenger:{FRESH}", **{f"channel messenger:{FRESH}": SUPPORT})
    await world.until(lambda: house.row("messenger")["health"] == "needs_reauthentication")
    await world.until(lambda: notices(world, ALERTS, "Hanako Flowers"))
    assert house.account("messenger", FRESH)["health"] == "ready"
    assert "The other accounts of this login are being checked" in (await person.press("finish")).words


async def test_an_admin_gets_the_link_in_slack_and_nobody_else_does(house: Office, person: Visitor) -> None:
    """I-03, ZI-10, ZM-03: privately; the channel it was typed in is chosen already, and who asked hears of troubles."""
    world = house.world
    world.slack.world.users[AKI].admin = True
    refused = "Only workspace admins can connect accounts"
    for user, words in ((GUEST, refused), (KEN, refused), (AKI, "good for an hour")):
        await world.slack.command(user, OTHER, "/bridge", "connect")
        await world.until_told(words, user)
    (line,) = [each for each in world.slack.ephemerals(AKI) if "good for an hour" in world.slack.plain(each)]
    links = re.findall(r"<(http[^|>]+/meta/connect[^|>]+)\|", line.text)
    world.meta.add_page(FRESH, "Hanako Bakery")
    await person.go(unescape(links[0]))
    await person.click("facebook")
    await person.click("grant")
    await person.press("pick", f"messenger:{FRESH}")
    row = house.account("messenger", FRESH)
    settings = json.loads(world.rows(f"SELECT CAST(settings AS TEXT) FROM account WHERE id = {row['id']}")[0][0])  # noqa: S608
    assert (settings["channel"], settings["owners"]) == (OTHER, [AKI])


async def test_an_account_that_is_connected_stays_where_it_is_wherever_the_link_was_asked_for(
    house: Office, person: Visitor
) -> None:
    """CT-34: the channel of the link is for new accounts; a known one's own stands chosen."""
    await person.go(house.link(channel=PlaceRef(ALERTS)))
    await person.click("facebook")
    page = await person.click("grant")
    platform, remote_id = ids_of("messenger")
    chosen = next(each for each in page.fields if each.get("name") == f"channel {platform.value}:{remote_id}")
    assert chosen["value"] == SUPPORT
    assert ALERTS in chosen["options"]


async def test_a_full_channel_takes_no_other_account_of_the_same_network(database_url: str, person: Visitor) -> None:
    """ZI-11, ZM-04: those that are chosen in one form count, too."""
    async with office(database_url, routes_per_channel=1) as house:
        house.world.meta.add_page(FRESH, "Hanako Bakery")
        await person.go(house.link())
        await person.click("facebook")
        await person.click("grant")
        key = f"messenger:{FRESH}"
        refused = await person.press("pick", key, **{f"channel {key}": SUPPORT})
        assert (refused.status, "as many accounts of its network as are allowed" in refused.words) == (422, True)
        taken = await person.press("pick", key, **{f"channel {key}": OTHER})
        assert "Hanako Bakery is connected." in taken.words


async def test_a_name_that_another_account_of_its_network_has_is_refused_at_its_field(
    house: Office, person: Visitor
) -> None:
    """ZI-13, ZM-05: another is proposed where Page and Instagram account have one name at Meta; what is typed is kept."""
    house.world.meta.add_page(FRESH, "Hanako Flowers")
    house.world.meta.add_instagram(FRESH_INSTAGRAM, "Hanako Flowers", username="Hanako Flowers", page=FRESH)
    await person.go(house.link())
    await person.click("facebook")
    page = await person.click("grant")
    key, beside = f"messenger:{FRESH}", f"instagram:{FRESH_INSTAGRAM}"
    proposed = {each["name"]: each.get("value") for each in page.fields if each.get("name", "").startswith("name ")}
    assert proposed[f"name {key}"] == "Hanako Flowers (Messenger)"
    assert proposed[f"name {beside}"] == "Hanako Flowers (Instagram)"
    where = {f"channel {each}": SUPPORT for each in (key, beside)}
    names = {f"name {key}": "ＨＡＮＡＫＯ  flowers", f"name {beside}": "Hanako Flowers"}
    refused = await person.press("pick", key, beside, **where, **names)
    assert (refused.status, "Choose one that tells them apart" in refused.words) == (422, True)
    (marked,) = [each for each in refused.fields if "aria-invalid" in each]
    assert (marked["name"], marked["value"]) == (f"name {key}", "ＨＡＮＡＫＯ  flowers")
    taken = await person.press("pick", key, beside, **where, **(names | {f"name {key}": "Hanako Two"}))
    assert "Hanako Two is connected." in taken.words
    assert house.account("instagram", FRESH_INSTAGRAM)["name"] == "Hanako Flowers"
