"""Agents' files, from the thread to the customer's phone."""

from __future__ import annotations

import asyncio
import io
import os
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from bridge.demo.meta.media import avatar
from bridge.demo.meta.samples import pdf, sample
from bridge.demo.slack.model import Upload
from tests.journeys.commenting import commented
from tests.journeys.hands import Talk, reconnect, talking
from tests.journeys.world import CHECK, CROSS, DAY, HOURGLASS, KINDS, LOCK, Kind

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MB = 1024 * 1024
CUP, PLATE = avatar("cup"), avatar("plate")
PNG = ("cup.png", CUP, "image/png")
FILM, VOICE = ("clip.mp4", sample("clip.mp4")[0], "video/mp4"), ("voice.m4a", sample("voice.m4a")[0], "audio/mp4")
BILL = ("請求書.pdf", pdf("bill"), "application/pdf")


def got(talk: Talk) -> list[str | bytes]:
    """What the customer has of the business, in order: words, or a file byte for byte."""
    return [each.text if each.text is not None else file(talk, each.attachments) for each in talk.bubbles()]


def file(talk: Talk, attachments: list[dict[str, Any]]) -> bytes:
    """The one file of a bubble."""
    (one,) = attachments
    return talk.world.meta.cdn.files[str(one["payload"]["attachment_id"])].data


def kinds(talk: Talk) -> list[str]:
    """As what files stand on the phone."""
    return [each["type"] for bubble in talk.bubbles() for each in bubble.attachments]


def uploads(talk: Talk) -> list[str]:
    """How each call that brings a file to Meta ended."""
    return [each.outcome for each in talk.world.meta.calls if each.method == "message_attachments"]


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    """A picture that no format makes small."""
    made = io.BytesIO()
    Image.frombytes("RGB", (width, height), os.urandom(width * height * 3)).save(made, kind)
    return made.getvalue()


@pytest.mark.parametrize("kind", KINDS)
async def test_files_follow_the_words_in_their_order(database_url: str, kind: Kind) -> None:
    """CT-17, ZM-01: words, then each file by itself, before what is written next, and one sign for all of it."""
    async with talking(database_url, kind) as talk:
        ts = await talk.says("Both are in stock.", files=[PNG, ("plate.png", PLATE, "image/png")])
        await talk.says("Which one?")
        await talk.bears(ts, CHECK)
        await talk.world.until(lambda: len(talk.bubbles()) == 4)
        assert got(talk) == ["Both are in stock.", CUP, PLATE, "Which one?"]
        await talk.world.calm()
        assert got(talk) == ["Both are in stock.", CUP, PLATE, "Which one?"]
        assert len(talk.lines()) == 1 + 2, "no echo of it is shown as written elsewhere"
        uploaded = [each for each in talk.world.meta.calls if each.method == "message_attachments"]
        assert [each.arguments.get("platform") for each in uploaded] == [
            "instagram" if kind == "instagram" else None
        ] * 2


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
@sqlite
async def test_film_sound_and_papers_go_without_a_word(database_url: str, kind: Kind) -> None:
    """CT-18, F9: each as what it is, whatever it is called; the sign's line says nothing of parts."""
    async with talking(database_url, kind) as talk:
        files = [FILM, VOICE, BILL, ("cup.txt", CUP, "text/plain")]
        ts = await talk.says("", files=files)
        await talk.bears(ts, CHECK)
        assert got(talk) == [FILM[1], VOICE[1], BILL[1], CUP]
        assert kinds(talk) == ["video", "audio", "file", "image"]
        await talk.world.calm()
        assert talk.world.told() == []
        assert "4 messages" in await talk.asks(ts)


@sqlite
async def test_what_cannot_go_stops_the_whole_message_with_the_limit(database_url: str) -> None:
    """CT-17, CT-18: 25 MiB goes, a byte more does not, nor what Instagram does not take; and nothing of it went before."""
    async with talking(database_url, "instagram") as talk:
        film = FILM[1] + bytes(25 * MB - len(FILM[1]))
        goes = await talk.says("", files=[("long.mp4", film, "video/mp4")])
        await talk.bears(goes, CHECK)
        large = await talk.says("Here it is", files=[PNG, ("long.mp4", film + b"\0", "video/mp4")])
        await talk.bears(large, CROSS)
        await talk.world.until_told("File 2 of 2, “long.mp4”, is too large: Instagram takes at most 25 MB")
        odd = await talk.says("And the list", files=[("list.zip", b"PK\3\4" + bytes(60), "application/pdf")])
        await talk.bears(odd, CROSS)
        await talk.world.until_told("type that Instagram does not take")
        assert "type that Instagram does not take" in await talk.asks(odd)
        await talk.world.calm()
        assert got(talk) == [film]
        assert talk.sends() == ["ok"]


@sqlite
async def test_a_large_picture_goes_smaller_once_its_sender_agrees(database_url: str) -> None:
    """CT-17: 8 MiB and a byte; the words wait for it, and the agent's own file stays as it is."""
    async with talking(database_url, "instagram") as talk:
        large = picture(1900, 1600)
        assert len(large) > 8 * MB
        ts = await talk.says("The view", files=[("view.png", large, "image/png")])
        await talk.bears(ts, HOURGLASS)
        line = await talk.line("send_smaller")
        assert "“view.png”" in talk.world.slack.plain(line.said)
        assert "a picture of 8." in talk.world.slack.plain(line.said)
        assert got(talk) == []
        await talk.presses("send_smaller")
        await talk.bears(ts, CHECK)
        words, small = got(talk)
        assert (words, len(small) <= 8 * MB) == ("The view", True)
        assert isinstance(small, bytes)
        assert Image.open(io.BytesIO(small)).size == (1900, 1600)
        assert [each.content for each in talk.world.slack.world.files.values()] == [large]


@sqlite
async def test_a_picture_of_a_phone_is_turned_into_what_everybody_sees(database_url: str) -> None:
    """CT-17: BMP, as the sources name it, and WebP; as JPEG, with the name it had."""
    async with talking(database_url) as talk:
        files = [(f"photo.{kind}", picture(30, 20, kind), f"image/{kind}") for kind in ("bmp", "webp")]
        await talk.bears(await talk.says("", files=files), CHECK)
        kept = [
            talk.world.meta.cdn.files[str(each.attachments[0]["payload"]["attachment_id"])] for each in talk.bubbles()
        ]
        assert [(each.name, each.mime, each.data[:3]) for each in kept] == [
            ("photo.jpg", "image/jpeg", b"\xff\xd8\xff")
        ] * 2


@sqlite
async def test_where_videos_are_off_none_goes_and_the_rest_does(database_url: str) -> None:
    """CT-18: refused with its reason; switched on again, *What happened?* still says why, and a new try goes."""
    async with talking(database_url) as talk:
        await talk.world.set("messenger", video_out=False)
        ts = await talk.says("Look", files=[("clip.bin", FILM[1], "application/octet-stream")])
        await talk.bears(ts, CROSS)
        await talk.world.until_told("an owner has switched that off")
        await talk.bears(await talk.says("", files=[PNG]), CHECK)
        assert got(talk) == [CUP]
        await talk.world.set("messenger", video_out=True)
        await talk.bears(await talk.says("", files=[FILM]), CHECK)
        assert got(talk) == [CUP, FILM[1]]


@sqlite
async def test_what_is_no_file_is_told_with_what_to_do_instead(database_url: str) -> None:
    """CT-17: a canvas, a link to elsewhere, an empty file, a page that stands in the place of a picture."""
    async with talking(database_url) as talk:
        for upload, said in (
            (
                Upload(name="Plan", content=b"{}", mimetype="application/vnd.slack-docs", mode="canvas"),
                "only be read in Slack",
            ),
            (Upload(name="Sheet", content=b"x", mimetype="text/csv", mode="external"), "only a link"),
            (Upload(name="empty.png", content=b"", mimetype="image/png"), "is empty"),
            (Upload(name="torn.webp", content=b"RIFF\x24\0\0\0WEBPVP8 ", mimetype="image/webp"), "damaged"),
        ):
            await talk.bears(await talk.says("See here", files=[upload]), CROSS)
            await talk.world.until_told(said)
        await talk.world.calm()
        assert talk.sends() == uploads(talk) == []


@sqlite
async def test_a_stub_is_looked_up_and_a_login_page_is_no_file(database_url: str) -> None:
    """Slack Connect: the message names an id alone; whom Slack does not let in gets its login page, with 200."""
    async with talking(database_url) as talk:
        slack = talk.world.slack
        slack.switches.check_file_info = True
        await talk.bears(await talk.says("", files=[PNG]), CHECK)
        assert got(talk) == [CUP]
        slack.switches.login_page = True
        ts = await talk.says("And this", files=[BILL])
        await talk.bears(ts, CROSS)
        await talk.world.until_told("Slack does not let the bridge have it")
        assert got(talk) == [CUP]
        slack.switches.login_page = False
        await talk.presses("retry")
        await talk.bears(ts, CHECK)
        assert got(talk) == [CUP, "And this", BILL[1]]


@sqlite
async def test_troubles_on_the_way_are_waited_out_and_nothing_goes_twice(database_url: str) -> None:
    """Slack's and Meta's passing faults, and a lost answer to an upload: the words wait with the file."""
    async with talking(database_url) as talk:
        talk.world.slack.faults.add(method="download", kind="status", status=503, times=2)
        talk.world.meta.faults.add(method="message_attachments", kind="drop_after")
        talk.world.meta.faults.add(method="message_attachments", kind="error", error={"code": 2}, status=500)
        ts = await talk.says("Here", files=[PNG])
        await talk.world.forward(lambda: CHECK in talk.signs(ts))
        assert got(talk) == ["Here", CUP]
        await talk.world.calm()
        assert len(talk.bubbles()) == 2


@sqlite
async def test_what_meta_says_against_a_file_is_told_and_a_dead_login_holds_it(database_url: str) -> None:
    """The table of errors, at the upload; a login that is mended lets the message go whole."""
    async with talking(database_url) as talk:
        talk.world.meta.faults.add(
            method="message_attachments",
            kind="error",
            error={"code": 100, "error_subcode": 2018047},
            status=400,
            times=2,
        )
        ts = await talk.says("Here", files=[PNG])
        await talk.bears(ts, CROSS)
        await talk.world.until_told("does not take this kind of file")
        assert len(uploads(talk)) == 2, "once as a picture, and once as a file"
        talk.world.meta.revoke(talk.customer.account)
        held = await talk.says("And this", files=[BILL])
        await talk.bears(held, HOURGLASS)
        assert got(talk) == []
        talk.world.meta.restore(talk.customer.account)
        await reconnect(talk.world, "messenger")
        await talk.bears(held, CHECK)
        assert got(talk) == ["And this", BILL[1]]


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
@sqlite
async def test_a_file_that_perhaps_arrived_is_found_and_not_sent_again(database_url: str, kind: Kind) -> None:
    """The answer to its send was lost: the look, or the echo, settles it by its kind and time."""
    async with talking(database_url, kind) as talk:
        talk.world.meta.echoes = "never"
        talk.world.meta.faults.add(method="messages", kind="drop_after")
        ts = await talk.says("", files=[PNG, BILL])
        await talk.world.forward(lambda: CHECK in talk.signs(ts))
        assert got(talk) == [CUP, BILL[1]]


@sqlite
async def test_an_id_that_meta_has_forgotten_is_made_anew_once(database_url: str) -> None:
    """F9: ids end after 90 days, or sooner; what was brought once is not brought again before that."""
    async with talking(database_url) as talk:
        forgotten = {"code": 100, "error_subcode": 2018074}
        talk.world.meta.faults.add(
            method="messages", kind="error", error=forgotten, status=400, match={"message": "attachment_id"}
        )
        ts = await talk.says("Here", files=[PNG, BILL])
        await talk.bears(ts, CHECK)
        assert got(talk) == ["Here", CUP, BILL[1]]
        assert uploads(talk) == ["ok"] * 3
        talk.world.meta.faults.add(
            method="messages", kind="error", error=forgotten, status=400, times=2, match={"message": "attachment_id"}
        )
        lost = await talk.says("", files=[PNG])
        await talk.bears(lost, CROSS)
        await talk.world.until_told("has run out")
        assert len(uploads(talk)) == 5
        await talk.presses("retry")
        await talk.bears(lost, CHECK)
        assert len(uploads(talk)) == 5, "what Meta has is used again"


@sqlite
async def test_a_retry_after_months_takes_the_file_from_slack_again(database_url: str) -> None:
    """F9: 90 days after it was brought Meta knows it no longer."""
    async with talking(database_url) as talk:
        meta = talk.world.meta
        meta.faults.add(method="messages", kind="error", error={"code": 551}, status=400)
        ts = await talk.says("", files=[PNG])
        await talk.bears(ts, CROSS)
        meta.token_of(talk.customer.account).expires_at = 0
        talk.world.clock.move(90 * DAY)
        await meta.write(talk.customer, "me again")
        await talk.presses("retry")
        await talk.bears(ts, CHECK)
        assert (got(talk), uploads(talk)) == ([CUP], ["ok", "ok"])


@sqlite
async def test_files_stay_inside_with_what_they_came_with_and_are_taken_back_in_time(database_url: str) -> None:
    """CT-08: notes, the missing sign, *Stop*, a deletion, a file deleted alone; the menu sends what may go."""
    async with talking(database_url) as talk:
        note = await talk.says("note: for us", files=[PNG])
        await talk.bears(note, LOCK)
        await talk.world.set("messenger", answer_mode="explicit")
        forgotten = await talk.says("look", files=[PNG])
        await talk.bears(forgotten, LOCK)
        assert await talk.world.slack.shortcut("U0AKI", "send_to_customer", talk.root.channel, forgotten) == 200
        await talk.bears(forgotten, CHECK)
        await talk.world.set("messenger", answer_mode="undo", undo_seconds=30)
        stopped = await talk.says("", files=[PNG])
        await talk.presses("stop", holds="30 seconds")
        await talk.bears(stopped, LOCK)
        deleted, changed = await talk.says("", files=[PNG]), await talk.says("Both", files=[PNG, BILL])
        await talk.world.until(lambda: HOURGLASS in talk.signs(changed))
        await talk.deletes(deleted)
        await talk.world.slack.unfile("U0AKI", talk.root.channel, changed, "cup.png")
        await talk.world.forward(lambda: CHECK in talk.signs(changed))
        await talk.world.calm()
        assert got(talk) == ["look", CUP, "Both", BILL[1]]
        await talk.world.slack.unfile("U0AKI", talk.root.channel, changed, BILL[0])
        await talk.world.calm()
        assert CHECK in talk.signs(changed)


@sqlite
async def test_slow_files_hold_up_their_own_conversation_alone(database_url: str) -> None:
    """Four at once are on their way; what is written to others goes meanwhile."""
    async with talking(database_url) as talk:
        talk.world.slack.faults.add(method="download", kind="latency", seconds=2.0)
        ts = await talk.says("slow", files=[PNG])
        await talk.says("next")
        other = talk.world.customer(name="Ren")
        await talk.world.meta.write(other, "hello from Ren")
        root = await talk.world.root("hello from Ren")
        await talk.world.answer(root, "quick")
        await talk.world.until_phone(other, ["quick"])
        assert got(talk) == []
        await talk.bears(ts, CHECK)
        await talk.world.until(lambda: got(talk) == ["slow", CUP, "next"])
        await asyncio.sleep(0)


@sqlite
async def test_the_one_private_reply_to_a_comment_holds_no_file(database_url: str) -> None:
    """M-05: said before anything goes; the words alone go."""
    async with commented(database_url, "messenger") as (talk, _):
        ts = await talk.says("Like this one", files=[PNG])
        await talk.bears(ts, CROSS)
        await talk.world.until_told("can hold words alone")
        assert uploads(talk) == []
        await talk.says("It is 1,200 yen.")
        await talk.world.until(lambda: got(talk) == ["It is 1,200 yen."])


@sqlite
async def test_a_closed_window_refuses_files_before_they_are_brought(database_url: str) -> None:
    """ZI-22: at the time of writing; nothing is uploaded for nothing."""
    async with talking(database_url) as talk:
        talk.world.clock.move(DAY + timedelta(seconds=1))
        ts = await talk.says("", files=[PNG])
        await talk.bears(ts, CROSS)
        assert uploads(talk) == []
