"""``/bridge queue``, ``mine``, ``closing`` and ``find``: for whoever asks alone, of what they may answer alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.model.state import Wish
from tests.journeys.hands import Talk, begun, talking
from tests.journeys.test_work import asks, card_says
from tests.journeys.world import AKI, CHECK, DAY, GUEST, HOUR, KEN, OTHER, SUPPORT, Kind


async def lists(talk: Talk, words: str, user: str = AKI) -> list[str]:
    """What somebody is answered privately, line by line."""
    before = len(talk.world.slack.ephemerals(user))
    status, _ = await talk.world.slack.command(user, SUPPORT, "/bridge", words)
    assert status == 200
    (answer,) = talk.world.slack.ephemerals(user)[before:]
    assert len(answer.blocks) <= 50
    return talk.world.slack.plain(answer).splitlines()


def about(lines: list[str], *names: str) -> list[str]:
    """Which of these are named, in the order in which they stand."""
    return [name for line in lines for name in names if line.startswith(name)]


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_lists_show_who_waits_what_is_mine_and_what_closes_to_whoever_may_answer(
    database_url: str, kind: Kind
) -> None:
    """ZI-25, F11: the longest first, what nobody looks after before it; none of another account's, none of the blocked."""
    async with talking(database_url, kind) as talk:
        world = talk.world
        world.clock.move(HOUR)
        ken = await begun(world, kind, "Second in line", name="Kenji")
        world.clock.move(HOUR)
        mia = await begun(world, kind, "Third in line", name="Mia")
        bad = await begun(world, kind, "Hateful words", name="Bad Person")
        await asks(bad, "block")
        await card_says(bad, "Blocked by")
        await asks(talk, "take")
        await card_says(talk, "looks after it")
        known = ("Yuki", "Kenji", "Mia", "Bad")
        queue = await lists(talk, "queue")
        assert about(queue, *known) == ["Kenji", "Mia", "Yuki"]
        assert [line for line in queue if "Aki looks after it" in line and line.startswith("Yuki")]
        assert all("https://hanako.slack.com/archives/" in line or "Open" in line for line in queue if " · " in line)
        assert about(await lists(talk, "mine"), *known) == ["Yuki"]
        assert "no conversation" in (await lists(talk, "mine", KEN))[0]
        assert "Nobody is waiting" in (await lists(talk, "closing"))[0]
        world.clock.move(timedelta(hours=18, minutes=30))
        assert about(await lists(talk, "closing"), *known) == ["Yuki"]
        ts = await mia.says("Here you are")
        await mia.bears(ts, CHECK)
        assert about(await lists(talk, "queue"), *known) == ["Kenji", "Yuki"]
        world.clock.move(DAY)
        assert "Nobody is waiting" in (await lists(talk, "closing"))[0]
        await world.set(kind, agents=(KEN,))
        await world.wish("messenger" if kind == "instagram" else "instagram", Wish.REMOVED)
        await world.wish("instagram_login", Wish.REMOVED)
        assert "none of the accounts" in (await lists(talk, "queue"))[0]
        # what Aki looked after, who may not answer any more, goes back to the others
        await world.until(lambda: world.rows(f"SELECT count(*) FROM conversation WHERE owner = '{AKI}'") == [(0,)])  # noqa: S608
        assert about(await lists(talk, "queue", KEN), *known) == ["Yuki", "Kenji"]
        assert "none of the accounts" in (await lists(talk, "queue", GUEST))[0]
        assert ken.phone() == []


async def test_words_and_names_are_found_where_the_asker_may_answer(database_url: str) -> None:
    """M-17, ZI-34: nothing that was taken back, nothing of the blocked; the newest first, with the words around it."""
    async with talking(database_url, "messenger") as talk:
        world = talk.world
        await world.meta.write(talk.customer, "Is the 100%_blue vase still there?")
        world.clock.move(timedelta(minutes=5))
        other = await begun(world, "messenger", "A blue vase for me too", name="Blue Mountain")
        ts = await other.says("The BLUE VASE costs 20.")
        await other.bears(ts, CHECK)
        gone = await world.meta.write(talk.customer, "blue secret")
        await world.until(lambda: any("blue secret" in line for line in talk.lines()))
        await world.meta.unsend(talk.customer, gone)
        await world.until(lambda: not any("blue secret" in line for line in talk.lines()))
        found = await lists(talk, "find blue  vase")
        assert about(found, "Yuki", "Blue") == ["Blue", "Yuki"]
        assert "The BLUE VASE costs 20." in found[1]
        assert about(await lists(talk, "find 100%_blue"), "Yuki", "Blue") == ["Yuki"]
        assert about(await lists(talk, "find yuki tan"), "Yuki", "Blue") == ["Yuki"]
        for nothing in ("blue secret", "va%se", "b_ue"):
            assert "Nothing was found" in (await lists(talk, f"find {nothing}"))[0]
        assert "What are you looking for?" in (await lists(talk, "find"))[0]
        await asks(other, "block")
        await card_says(other, "Blocked by")
        assert about(await lists(talk, "find blue vase"), "Yuki", "Blue") == ["Yuki"]
        await world.set("messenger", agents=(KEN,), channel=OTHER)
        assert "Nothing was found" in (await lists(talk, "find yuki"))[0]
