"""How long an answer may be: the house's ceiling, Meta's limits on the wire, and answers that go in parts."""

from datetime import timedelta

import pytest

from bridge.split import graphemes
from tests.journeys.hands import talking
from tests.journeys.world import AKI, CHECK, CROSS, KINDS, QUESTION, Kind

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
INSTAGRAM = pytest.mark.parametrize("kind", ["instagram", "instagram_login"])
MINUTE_AND_MORE = timedelta(seconds=70)
FAMILY, FLAG, ACCENTED = "👨‍👩‍👧‍👦", "🇯🇵", "e\u0301"


def fits(kind: Kind, text: str) -> bool:
    """Whether Meta takes it as one message."""
    return len(text.encode()) <= 1000 if kind != "messenger" else len(text.encode("utf-16-le")) // 2 < 2000


@sqlite
@pytest.mark.parametrize("kind", KINDS)
async def test_1600_characters_go_and_1601_ask_how(database_url: str, kind: Kind) -> None:
    """ZI-21, ZM-07: the ceiling counts what people call characters; the button says how many messages it takes."""
    async with talking(database_url, kind) as talk:
        at_most = await talk.says("a" * 1600)
        await talk.bears(at_most, CHECK)
        assert "".join(talk.phone()) == "a" * 1600
        before = len(talk.phone())
        over = await talk.says("b" * 1601)
        await talk.bears(over, CROSS)
        assert "1,601 characters; 1,600 is the most" in await talk.world.until_told("Not sent yet")
        line = await talk.line("send_split")
        count = 1 if kind == "messenger" else 2
        assert line.private
        assert line.buttons == {
            "send_split": "Send all the same" if count == 1 else f"Send as {count} messages",
            "edit": "Edit in a window",
        }
        await talk.world.calm()
        assert len(talk.phone()) == before
        await talk.presses("send_split")
        await talk.bears(over, CHECK)
        assert "".join(talk.phone()[before:]) == "b" * 1601
        assert len(talk.phone()) == before + count


@sqlite
async def test_the_ceiling_counts_what_people_call_characters(database_url: str) -> None:
    """ZI-21: 1,600 families, each of eleven UTF-16 units, are 1,600 characters, though they take nine messages."""
    async with talking(database_url) as talk:
        ts = await talk.says(FAMILY * 1600, blocks=[])
        await talk.bears(ts, CHECK)
        assert "".join(talk.phone()) == FAMILY * 1600
        assert all(fits("messenger", text) for text in talk.phone())
        assert {graphemes(text) * len(FAMILY) - len(text) for text in talk.phone()} == {0}


@sqlite
@INSTAGRAM
@pytest.mark.parametrize(("text", "messages"), [("a" * 1000, 1), ("a" * 1001, 2), ("あ" * 333, 1), ("あ" * 334, 2)])
async def test_instagram_takes_1000_bytes_at_a_time(database_url: str, kind: Kind, text: str, messages: int) -> None:
    """F1: bytes of UTF-8, not characters; the author hears how many messages it became."""
    async with talking(database_url, kind) as talk:
        ts = await talk.says(text)
        await talk.bears(ts, CHECK)
        assert len(talk.phone()) == messages
        assert "".join(talk.phone()) == text
        await talk.world.calm()
        told = talk.world.told(AKI)
        assert len(told) == messages - 1
        assert all(f"Sent as {messages} messages" in line and "about 333 kana" in line for line in told)


@sqlite
@pytest.mark.parametrize(("text", "messages"), [("😀" * 999 + "a", 1), ("😀" * 1000, 2)])
async def test_messenger_takes_1999_utf16_units_at_a_time(database_url: str, text: str, messages: int) -> None:
    """F1, ZM-07: an emoji is two of them."""
    async with talking(database_url) as talk:
        ts = await talk.says(text, blocks=[])
        await talk.bears(ts, CHECK)
        assert len(talk.phone()) == messages
        assert "".join(talk.phone()) == text


@sqlite
@INSTAGRAM
async def test_parts_break_where_a_reader_would(database_url: str, kind: Kind) -> None:
    """F1: at paragraphs, then sentences, then words; nothing is lost but the white space between."""
    paragraph = "これは在庫についてのご案内です。" * 12
    text = f"{paragraph}\n\n{paragraph}\n\n最後の段落です。"
    async with talking(database_url, kind) as talk:
        ts = await talk.says(text)
        await talk.bears(ts, CHECK)
        assert talk.phone()[0] == paragraph
        assert "".join("".join(talk.phone()).split()) == "".join(text.split())
        assert all(fits(kind, part) for part in talk.phone())


@sqlite
@pytest.mark.parametrize("cluster", [FAMILY, FLAG, ACCENTED, "👍🏽"])
async def test_no_character_is_cut_in_two(database_url: str, cluster: str) -> None:
    """F1, ZI-21: joined people, flags, accents and tones stay whole across messages."""
    text = "x" + cluster * 350
    async with talking(database_url, "instagram") as talk:
        ts = await talk.says(text, blocks=[])
        await talk.bears(ts, CHECK)
        assert len(talk.phone()) > 1
        assert "".join(talk.phone()) == text
        assert all(part.removeprefix("x").replace(cluster, "") == "" for part in talk.phone())


@sqlite
async def test_more_than_ten_messages_are_refused_without_a_button(database_url: str) -> None:
    """ZI-21: no ceiling is higher than what ten messages hold."""
    async with talking(database_url, "instagram") as talk:
        ts = await talk.says("あ" * 3331)
        await talk.bears(ts, CROSS)
        assert "3,331 characters would be more than 10 messages" in await talk.world.until_told("Not sent")
        await talk.world.calm()
        assert talk.sends() == []


@sqlite
async def test_an_account_has_a_ceiling_of_its_own(database_url: str) -> None:
    """ZI-21, ZI-24: set to five, six characters are too many from the next answer on."""
    async with talking(database_url) as talk:
        await talk.world.set("messenger", ceiling=5)
        await talk.says("12345")
        await talk.reaches("12345")
        ts = await talk.says("123456")
        await talk.bears(ts, CROSS)
        assert "6 characters; 5 is the most" in await talk.world.until_told("Not sent yet")
        await talk.presses("send_split")
        await talk.reaches("12345", "123456")
        await talk.world.set("messenger", ceiling=6)
        await talk.says("abcdef")
        await talk.reaches("12345", "123456", "abcdef")


THREE = "一" * 333 + "二" * 333 + "三" * 100


@sqlite
@INSTAGRAM
async def test_what_follows_a_part_that_was_refused_is_kept_and_tried_again(database_url: str, kind: Kind) -> None:
    """F1: two of three went; the author hears which did not, and *Retry* sends that one alone."""
    async with talking(database_url, kind) as talk:
        third = {"message": "三"}
        talk.world.meta.faults.add(method="messages", kind="error", error="10/2018108", status=400, match=third)
        ts = await talk.says(THREE)
        await talk.bears(ts, CROSS)
        await talk.reaches("一" * 333, "二" * 333)
        assert "Part 3 of 3 was not sent" in await talk.world.until_told("Part 3")
        assert "Part 3 of 3" in await talk.asks(ts)
        for _ in range(2):
            await talk.presses("retry")
        await talk.reaches("一" * 333, "二" * 333, "三" * 100)
        await talk.bears(ts, CHECK)
        assert "as 3 messages" in await talk.asks(ts)
        await talk.world.calm()
        assert len(talk.phone()) == 3


@sqlite
async def test_what_follows_a_part_that_is_unsure_waits_and_then_goes(database_url: str) -> None:
    """F1: the second of three got no answer and no echo; *It arrived* sends the third, and nothing twice."""
    async with talking(database_url, "instagram") as talk:
        meta = talk.world.meta
        meta.echoes = "never"
        meta.faults.add(method="messages", kind="drop_after", match={"message": "二"})
        blind = meta.faults.add(method="conversations", kind="error", error="2", status=500, times=None)
        ts = await talk.says(THREE)
        await talk.reaches("一" * 333, "二" * 333)
        talk.world.clock.move(MINUTE_AND_MORE)
        await talk.bears(ts, QUESTION)
        assert "Part 2 of 3 was perhaps sent" in await talk.world.until_told("Part 2")
        meta.faults.remove(blind)
        await talk.presses("arrived")
        await talk.reaches("一" * 333, "二" * 333, "三" * 100)
        await talk.bears(ts, CHECK)
        await talk.world.calm()
        assert len(talk.phone()) == 3


@sqlite
async def test_an_unsure_part_that_did_not_arrive_is_sent_again_in_its_place(database_url: str) -> None:
    """F1: *Send again* sends the second and the third, in order."""
    async with talking(database_url, "instagram") as talk:
        meta = talk.world.meta
        meta.faults.add(method="messages", kind="reset_before", match={"message": "二"})
        ts = await talk.says(THREE)
        await talk.reaches("一" * 333)
        await talk.world.until(lambda: talk.world.rows("SELECT id FROM outbox WHERE state = 'unsure'"))
        talk.world.clock.move(MINUTE_AND_MORE)
        await talk.bears(ts, QUESTION)
        await talk.presses("send_again")
        await talk.reaches("一" * 333, "二" * 333, "三" * 100)
        await talk.bears(ts, CHECK)


async def test_parts_of_two_answers_do_not_mix(database_url: str) -> None:
    """F1: all parts of the first, then all of the second, on either database."""
    async with talking(database_url, "instagram") as talk:
        await talk.says(THREE)
        await talk.says(THREE.replace("一", "四").replace("二", "五").replace("三", "六"))
        await talk.world.until(lambda: len(talk.phone()) == 6)
        assert [text[0] for text in talk.phone()] == list("一二三四五六")
