"""A conversation as a text file, for whoever asked alone; gone again when a customer takes back what stands in it."""

from __future__ import annotations

import re

import pytest

from tests.journeys.hands import ASKED, Talk, talking
from tests.journeys.test_work import asks
from tests.journeys.world import AKI, CHECK, GUEST, KEN, Kind

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def texts(talk: Talk) -> list[str]:
    """The text files that stand in Slack, whole."""
    files = talk.world.slack.world.files.values()
    return [
        bytes(each.content or b"").decode()
        for each in files
        if each.name.endswith(".txt") and each.shares and not each.deleted
    ]


def names(talk: Talk) -> list[str]:
    """What they are called."""
    return [each.name for each in talk.world.slack.world.files.values() if each.name.endswith(".txt")]


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_whoever_asks_gets_the_conversation_and_what_is_unsent_takes_it_away(
    database_url: str, kind: Kind
) -> None:
    """M-17: nobody else sees it; the old file goes, whoever has it is told, and a new one says that something went."""
    async with talking(database_url, kind) as talk:
        world = talk.world
        mid = await world.meta.write(talk.customer, "my secret\nin two lines")
        await world.meta.send_picture(talk.customer)
        ts = await talk.says("Thank you.")
        await talk.bears(ts, CHECK)
        await talk.says("// a note of ours", user=KEN)
        await asks(talk, "export")
        (text,) = await world.until(lambda: texts(talk) if len(texts(talk)) == 1 else None)
        await world.until_told("as a text file for you alone", AKI)
        for line in (ASKED, "my secret", "    in two lines", "Aki: Thank you.", "(private note): // a note of ours"):
            assert line in text
        assert "UTC" in text
        assert not [line for line in text.splitlines() if "export" in line]
        day, name = f"{world.clock.now():%Y-%m-%d}", next(name for name in names(talk))
        assert re.fullmatch(rf"[\w-]*hanako[\w-]*-{day}-[0-9]+\.txt", name)
        assert "yuki" not in name
        assert not any("text file" in line for line in [*talk.lines(), *world.told(KEN)])
        await asks(talk, "export", GUEST)
        await world.until(lambda: any("Guests" in line for line in world.told(GUEST)))
        await world.meta.unsend(talk.customer, mid)
        await world.until_told("has taken back something that stood in your text file", AKI)
        await world.until(lambda: not texts(talk))
        assert world.rows("SELECT count(*) FROM export") == [(0,)]
        await asks(talk, "エクスポート")
        (text,) = await world.until(lambda: texts(talk) if len(texts(talk)) == 1 else None)
        assert "secret" not in text
        assert "taken back" in text
        await world.calm()
        assert [who for (who,) in world.rows("SELECT who FROM audit WHERE action = 'conversation.transcript'")] == [
            AKI
        ] * 2


@sqlite
async def test_a_file_that_slack_does_not_take_is_told_to_whoever_asked(database_url: str) -> None:
    """With the reason, in a direct message."""
    async with talking(database_url) as talk:
        talk.world.slack.faults.add(
            method="files.getUploadURLExternal", kind="error", error="file_uploads_disabled", times=None
        )
        await asks(talk, "export")
        await talk.world.until_told("could not be made: file uploads are turned off", AKI)
        assert texts(talk) == []
