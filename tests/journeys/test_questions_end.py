"""What a question about an answer says once the answer has gone on: it asks no longer than it is one."""

import pytest

from tests.journeys.hands import Line, Talk, talking, told
from tests.journeys.pressing import as_it_was
from tests.journeys.world import AKI, CHECK, KEN, LOCK, MINUTE

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def asked(talk: Talk, text: str, words: str) -> tuple[str, Line]:
    """An answer that mentions a colleague, and the question about it, which quotes *words*."""
    ts = await talk.says(text)
    return ts, await talk.line("send", holds=words)


async def becomes(talk: Talk, question: Line, words: str) -> None:
    """Wait until a question says *words*, and has no button any more."""

    def said() -> bool:
        now = next(each for each in told(talk.world, AKI) if each.said.ts == question.said.ts and not each.private)
        return words in talk.world.slack.plain(now.said) and not now.buttons

    await talk.world.until(said)


async def test_each_question_names_its_answer_and_ends_with_it(database_url: str) -> None:
    """CT-08: deleted, made a note, edited so that it goes, sent, kept: each direct message says so; an old button does no harm."""
    async with talking(database_url) as talk:
        gone, deleted = await asked(talk, f"<@{KEN}> first *one*, <https://shop.test|look>", "first")
        noted, note = await asked(talk, f"<@{KEN}> second one", "second")
        edited, sent = await asked(talk, f"<@{KEN}> third one", "third")
        _, pressed = await asked(talk, f"<@{KEN}> fourth one", "fourth")
        _, kept = await asked(talk, f"<@{KEN}> fifth {'long ' * 40}", "fifth")
        said = talk.world.slack.plain(kept.said)
        assert "Send this to Yuki Tanaka?" in said
        assert "“@Ken fifth long" in said
        assert "…”" in said
        assert said.count("long") < 20
        old = as_it_was(talk.world, deleted, "send")
        await talk.deletes(gone)
        await becomes(talk, deleted, "You deleted it before it was sent: Yuki Tanaka does not see it.")
        await old()
        await talk.edits(noted, "// second one")
        await talk.bears(noted, LOCK)
        await becomes(talk, note, "Kept inside: Yuki Tanaka does not see it.")
        await talk.edits(edited, "third one")
        await talk.bears(edited, CHECK)
        await becomes(talk, sent, "Sent: Yuki Tanaka has it.")
        await talk.presses("send", holds="fourth")
        await becomes(talk, pressed, "Sent: Yuki Tanaka has it.")
        await talk.presses("keep_inside", holds="fifth")
        await becomes(talk, kept, "Kept inside")
        await talk.reaches("third one", "@Ken fourth one")
        await talk.world.calm()
        assert not [line for line in told(talk.world, AKI) if line.buttons]


async def test_a_question_that_is_asked_anew_or_by_nobody_answered_ends_too(database_url: str) -> None:
    """CT-08: another reason to ask is another question; after an hour the last one says that it stays inside. In Japanese."""
    async with talking(database_url) as talk:
        talk.world.slack.world.users[AKI].locale = "ja-JP"
        ts, first = await asked(talk, f"<@{KEN}> 在庫はあります", "「@Ken 在庫はあります」")
        await talk.edits(ts, "こちらです <https://team.slack.com/archives/C0SUPPORT/p1700000000000100|スレッド>")
        second = await talk.line("send", holds="こちらです")
        await becomes(talk, first, "新しいメッセージでお尋ねしています")
        talk.world.clock.move(61 * MINUTE)
        await talk.bears(ts, LOCK)
        await becomes(talk, second, "社内に残しました。Yuki Tanakaさんには見えません。")
        assert talk.sends() == []
