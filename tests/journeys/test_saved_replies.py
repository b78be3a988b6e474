"""Saved replies: kept from a message, chosen in a window with a look at what goes, and gone with a customer's words."""

from __future__ import annotations

import pytest

from tests.journeys.hands import ASKED, Talk, talking
from tests.journeys.opening import chooses, does, opens, post_of, reads, sends_in
from tests.journeys.world import AKI, CHECK, KEN

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def kept(talk: Talk) -> list[tuple[str, str, str]]:
    return talk.world.rows("SELECT name, language, text FROM saved_reply ORDER BY name")


def audited(talk: Talk) -> list[tuple[str, str]]:
    return talk.world.rows("SELECT who, action FROM audit WHERE action LIKE 'saved_reply.%' ORDER BY id")


def option(talk: Talk, name: str) -> str:
    return str(dict(talk.world.rows("SELECT name, id FROM saved_reply"))[name])


async def test_a_saved_reply_is_kept_from_a_message_and_sent_to_another_customer(database_url: str) -> None:
    """Placeholders are filled before it goes, an agent's by their alias; what goes is shown with its size; each change is in the audit, without words."""
    async with talking(database_url, "instagram") as talk:
        ts = await talk.says("We open at 9.")
        await talk.bears(ts, CHECK)
        view = await opens(talk, "save_reply", ts)
        assert "We open at 9." in reads(talk, view)
        text = "Hello {customer}, we open at 9. {agnet}"
        wrong = await sends_in(talk, view, name="hours", language="en", text=text)
        assert wrong == {"text": "Only {customer} and {agent} can stand in braces."}
        text = "Hello {customer}, we open at 9. {agent}"
        assert await sends_in(talk, view, name="hours", language="en", text=text) == {}
        await talk.world.until_told("Saved as “hours”")
        assert kept(talk) == [("hours", "en", text)]
        await talk.world.set("instagram", aliases=((KEN, "Momo"),))
        view = await opens(talk, "reply_with", post_of(talk, ASKED), user=KEN)
        assert "hours · English" in reads(talk, view)
        view = await chooses(talk, view, "saved", option(talk, "hours"), user=KEN)
        words = reads(talk, view)
        assert "Hello Yuki Tanaka, we open at 9. Momo" in words
        assert "message 1 of 1, 37 of 1,000 bytes" in words
        [name] = [block["block_id"] for block in view.blocks if block["block_id"].startswith("text")]
        assert await sends_in(talk, view, user=KEN, **{name: "Hello Yuki Tanaka, we open at 9. Momo"}) == {}
        await talk.hears("Hello Yuki Tanaka, we open at 9. Momo")
        assert await does(talk, "delete_reply", saved=option(talk, "hours")) == {}
        await talk.world.until_told("is deleted")
        assert kept(talk) == []
        assert audited(talk) == [(AKI, "saved_reply.save"), (AKI, "saved_reply.delete")]
        assert talk.world.rows("SELECT count(*) FROM audit WHERE CAST(after AS TEXT) LIKE '%open at%'") == [(0,)]


@sqlite
async def test_saved_replies_are_written_changed_and_sent_from_the_conversations_window(database_url: str) -> None:
    """Chosen, changed at hand, looked at, and sent; one of the same name and language is changed on purpose alone."""
    async with talking(database_url) as talk:
        assert await does(talk, "save_reply", name="thanks", language="ja", text="ありがとう") == {}
        await talk.world.until(lambda: kept(talk) == [("thanks", "ja", "ありがとう")])
        taken = await does(talk, "save_reply", user=KEN, name="thanks", language="ja", text="どうも")
        assert "Another saved reply has this name" in taken["name"]
        view = await chooses(talk, await opens(talk, "conversation", talk.root.ts), "act", "save_reply")
        view = await chooses(talk, view, "saved", option(talk, "thanks"))
        name, _, text = (
            block["block_id"]
            for block in view.blocks
            if (block["type"] == "input" and "." in block["block_id"]) or block["block_id"] == "language"
        )
        assert await sends_in(talk, view, **{name: "thanks a lot", text: "どうもありがとう"}) == {}
        await talk.world.until(lambda: kept(talk) == [("thanks a lot", "ja", "どうもありがとう")])
        view = await chooses(talk, await opens(talk, "conversation", talk.root.ts), "act", "answer")
        view = await chooses(talk, view, "saved", option(talk, "thanks a lot"))
        assert "どうもありがとう" in reads(talk, view)
        assert await sends_in(talk, view) == {}
        await talk.reaches("どうもありがとう")
        assert [action for _, action in audited(talk)] == ["saved_reply.save", "saved_reply.change"]


@sqlite
async def test_what_a_customer_unsends_is_gone_from_what_was_saved(database_url: str) -> None:
    """Promise 6: from what was saved from their message, and from an answer that repeats it; the house's own stay."""
    async with talking(database_url) as talk:
        assert await does(talk, "save_reply", name="own", language="en", text="We are closed") == {}
        view = await opens(talk, "save_reply", post_of(talk, ASKED))
        assert await sends_in(talk, view, name="theirs", language="ja") == {}
        ts = await talk.says(f"> {ASKED}\nYes")
        await talk.bears(ts, CHECK)
        assert await sends_in(talk, await opens(talk, "save_reply", ts), name="quoting", language="ja") == {}
        view = await opens(talk, "reply_to", post_of(talk, ASKED))
        assert await sends_in(talk, view, text=f"> {ASKED}\nAgain") == {}
        await talk.world.until(lambda: "Again" in "".join(talk.lines()))
        await talk.bears(post_of(talk, "Again"), CHECK)
        await talk.world.until(lambda: len(kept(talk)) == 3)
        await talk.world.meta.unsend(talk.customer, talk.customer.bubbles[0].mid)
        await talk.world.until(lambda: kept(talk) == [("own", "en", "We are closed")])
        await talk.world.until(lambda: ASKED not in _again(talk))
        await talk.world.calm()
        assert sum("repeats" in line for line in talk.world.told(AKI)) == 1


def _again(talk: Talk) -> str:
    return next(line for line in talk.lines() if "Again" in line)
