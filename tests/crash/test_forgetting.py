"""What is erased or too old is in no file any more, and what people say, their names and all secrets are in no log."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from bridge.demo.slack import Message
from tests.crash.load import settled
from tests.crash.nursery import Nursery
from tests.crash.service import Installation, installed
from tests.journeys.world import CHECK, CROSS, DAY, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NAME, QUESTION, ANSWER = "Himitsuko", "Wo ist das Nadelkissen?", "Es liegt im Regenfass."
SECRET = (NAME, "Nadelkissen", "Regenfass")


async def said(home: Installation) -> tuple[str, Message]:
    """A customer asks, an agent answers; the customer's id and the card."""
    world = home.world
    customer = world.customer("messenger", name=NAME)
    await world.meta.write(customer, QUESTION)
    root = await world.root("Nadelkissen")
    await world.signed(root, await world.answer(root, ANSWER), CHECK)
    await world.calm()
    return customer.id, root


def standing_in(folder: Path, *words: str) -> set[tuple[str, str]]:
    """In which files of the database, its logs and ours which of the words stand, as text or escaped as JSON."""
    files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith("command")]
    return {(path.name, word) for path in files for word in words if word.encode() in path.read_bytes()}


async def test_what_was_erased_is_in_no_file_also_after_slack_told_of_the_removed_posts(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """Nothing of a person is left, while the service runs and after it has ended."""
    async with installed(nursery, database_url, tmp_path) as home:
        customer, root = await said(home)
        assert {word for _, word in standing_in(tmp_path, *SECRET)} == set(SECRET)
        erased = await home.service.command("conversations", "erase", customer, "--yes", "--json")
        assert erased.code == 0, erased.err
        assert standing_in(tmp_path, *SECRET) == set()
        await settled(home.world)
        assert [line for line in home.world.lines(root) if "Nadelkissen" in line] == []
        assert standing_in(tmp_path, *SECRET) == set()
        assert await home.service.terminate() == 0
        assert standing_in(tmp_path, *SECRET) == set()


async def test_what_is_too_old_is_forgotten_by_itself_and_is_in_no_file(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """Raw deliveries after 7 days, words after 180, while the service runs and nobody says a thing."""
    async with installed(nursery, database_url, tmp_path) as home:
        world = home.world
        await said(home)
        world.clock.move(8 * DAY)
        await home.until(lambda: world.rows("SELECT count(*) FROM inbox") == [(0,)])
        assert world.rows("SELECT count(*) FROM message WHERE text IS NOT NULL") == [(2,)]
        world.clock.move(173 * DAY)
        await home.until(lambda: world.rows("SELECT count(*) FROM message WHERE text IS NOT NULL") == [(0,)])
        assert world.rows("SELECT count(*) FROM message") == [(2,)]
        await home.until(lambda: standing_in(tmp_path, "Nadelkissen", "Regenfass") == set())


async def test_nothing_that_people_say_no_name_and_no_secret_is_logged_or_counted(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """Also at the most talkative level, when calls fail and when strangers knock."""
    async with installed(nursery, database_url, tmp_path, log_level="debug") as home:
        world = home.world
        _, root = await said(home)
        await strangers_knock(home)
        world.slack.faults.add(method="chat.postMessage", kind="garbage_after")
        world.slack.faults.add(method="reactions.add", kind="error", error="internal_error")
        world.meta.faults.add(method="messages", kind="error", error="100/2018001")
        customer = next(iter(world.account("messenger").customers.values()))
        await world.meta.write(customer, f"{QUESTION} Bitte!")
        refused = await world.answer(root, f"{ANSWER} Ja!")
        await world.signed(root, refused, CROSS)
        await settled(world)
        figures = (await home.service.get("/metrics"))[1]
        await home.service.terminate()
        log = home.service.log.read_text()
        assert "meta.refused_signature" in log
        found = [word for word in (*SECRET, *secrets_of(world)) if word in log or word in figures]
        assert found == []


async def strangers_knock(home: Installation) -> None:
    """Bodies without a signature, and signed ones that are no JSON."""
    words = f'{{"text": "{QUESTION}", "name": "{NAME}"}}'
    async with aiohttp.ClientSession() as http:
        for path in ("/meta/webhook", "/slack/events"):
            async with http.post(f"{home.service.url}{path}", data=words) as answer:
                assert answer.status == 401
    status, *_ = await home.world.slack.deliveries.post(
        f"no JSON: {QUESTION}".encode(), content_type="application/json"
    )
    assert status == 400


def secrets_of(world: World) -> list[str]:
    """Everything that must be known to nobody."""
    config = world.config
    tokens = [str(account.token) for account in world.meta.accounts.values()]
    fields = (config.slack_bot_token, config.slack_signing_secret, config.meta_app_secret, config.meta_verify_token)
    return [*tokens, *(field.first for field in fields), config.secret_key.first]
