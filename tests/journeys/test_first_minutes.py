"""From an empty database to the first answered message, as the first admin goes it, counted click by click."""

from __future__ import annotations

import re
import socket
from html import unescape
from typing import Any

import pytest

from bridge.config import Secret
from tests.connect.stage import visitor
from tests.journeys.house import ids_of
from tests.journeys.world import AKI, CHECK, SUPPORT, World

MOST_CLICKS = 10
WORDS = {
    "en": ("Do you have this in blue?", "Yes, in blue and in red."),
    "ja": ("この商品の在庫ありますか？", "はい、ございます。"),
}


def free_port() -> int:
    """One that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings_of(port: int, *, installs: bool) -> dict[str, Any]:
    """What an operator sets who has a token, or who lets workspaces install the app."""
    address = {"port": port, "public_url": f"http://127.0.0.1:{port}"}
    oauth = {"slack_client_id": "100.200", "slack_client_secret": Secret("slack-client-secret")}
    return {**address, "slack_bot_token": Secret(), **oauth} if installs else address


@pytest.mark.parametrize(("language", "installs"), [("en", True), ("ja", True), ("ja", False)])
async def test_an_empty_workspace_answers_its_first_customer_within_ten_clicks(
    database_url: str, language: str, *, installs: bool
) -> None:
    """I-03, ZI-10…16, ZM-03, ZM-05, F11: install, `/bridge`, connect, route, first message, answer; nobody needs a terminal."""
    async with World.open(
        database_url, start=False, empty=True, **settings_of(free_port(), installs=installs)
    ) as world:
        admin = world.slack.world.users[AKI]
        admin.admin, admin.locale = True, {"en": "en-US", "ja": "ja-JP"}[language]
        world.slack.world.install.revoked, world.slack.world.feed.installed = installs, not installs
        await world.start()
        clicks = 0
        person = visitor(language)
        async with person.http:
            if installs:
                await person.go(f"{world.config.public_url}/slack/install")
                await person.click("allow")
                clicks += 1
            await world.until(lambda: world.rows("SELECT id FROM workspace"))

            before = len(world.slack.ephemerals(AKI))
            await world.slack.command(AKI, SUPPORT, "/bridge", "")
            clicks += 1
            asked = await world.until(lambda: next(iter(world.slack.ephemerals(AKI)[before:]), None))
            await person.go(way_in(str(asked.blocks)))
            clicks += 1
            await person.click("facebook")  # Meta's own pages are not counted
            await person.click("grant")
            platform, remote_id = ids_of("messenger")
            await person.press("pick", f"{platform.value}:{remote_id}")
            clicks += 1
            while person.seen.acts and not world.roots(SUPPORT):
                clicks += 1
                await person.press(
                    person.seen.acts[0], **({"channel": SUPPORT} if "channel" in names(person.seen.fields) else {})
                )
                if clicks > MOST_CLICKS:
                    break

            question, answer = WORDS[language]
            customer = world.customer("messenger", name="Yuki")
            await world.meta.write(customer, question)
            root = await world.root(question)
            ts = await world.answer(root, answer)
            await world.until_phone(customer, [answer])
            await world.signed(root, ts, CHECK)
            assert clicks <= MOST_CLICKS, person.seen.words


def way_in(blocks: str) -> str:
    """Where the button of the first missing step leads."""
    found = re.search(r"https?://[^'\"|>]+/meta/connect[^'\"|>]+", blocks)
    assert found is not None, blocks
    return unescape(found[0])


def names(fields: list[dict[str, str]]) -> set[str]:
    """What a form asks for."""
    return {each.get("name", "") for each in fields}
