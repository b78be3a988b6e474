"""Effects on Slack over HTTP: what people then see, and how each call ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bridge.demo.slack import Message as Shown
from bridge.model.change import replace
from bridge.model.effects import (
    Button,
    ClearSign,
    EditAlert,
    PostAlert,
    PostLine,
    PostMessage,
    PostRoot,
    RedrawCard,
    RemovePost,
    ReplaceLine,
    SetSign,
    TellPerson,
)
from bridge.model.facts import (
    Act,
    Pressed,
)
from bridge.model.ids import IncidentId, MessageId, PostRef, ThreadId
from bridge.model.outcomes import Done, Refused
from bridge.model.state import Author, Incident, Said, Sign
from bridge.slack import emoji
from tests.slack.stage import (
    AKI,
    CONVERSATION,
    GONE_THREAD,
    NOON,
    PLACE,
    TEAM,
    Stage,
    account,
    job,
    reply,
    scene,
    stage,
    wrote,
)

SHOW = PostMessage(workspace=TEAM, conversation=CONVERSATION, message=MessageId(100))
ROOT = PostRoot(workspace=TEAM, conversation=CONVERSATION, thread=ThreadId(3))
REDRAW = RedrawCard(workspace=TEAM, conversation=CONVERSATION)


@pytest.fixture
async def at() -> AsyncIterator[Stage]:
    async with stage() as built:
        yield built


# -- posting


async def test_a_conversation_gets_a_card_with_name_account_words_and_state(at: Stage) -> None:
    """CT-02: who, where from, what they wrote and until when they can be answered."""
    shown = at.stands(await at.root())
    seen = at.slack.plain(shown)
    assert seen.startswith("Yuki Tanaka · Instagram: ")
    for words in ("Yuki Tanaka", "@yuki_333", "Shop Hanako", "Is this in stock?", "Waiting since"):
        assert words in seen
    assert shown.icons["image_48"] == "https://cdn.test/y.jpg"
    assert "Is this in stock?" in shown.text


async def test_a_customers_message_stands_in_the_thread_under_their_name(at: Stage) -> None:
    """CT-01, CT-02, CT-06: words arrive unchanged, with emoji, lines and right-to-left script."""
    root = await at.root()
    text = "こんにちは 👋🏽\n\n  שלום & <b>\n*not bold* ~ `x`"
    outcome = await at.desk.post(job(SHOW, scene(thread=root, message=wrote(text))))
    assert isinstance(outcome, Done)
    shown = at.stands(outcome.remote_id)
    assert shown.thread_ts == root.partition(":")[2]
    assert at.slack.plain(shown) == f"Yuki Tanaka · Instagram: {text}"
    assert shown.blocks[0]["block_id"] == "row:41"
    assert shown.metadata == {"event_type": "threadbridge_post", "event_payload": {"row": "41"}}


@pytest.mark.parametrize("plain", [False, True])
async def test_nothing_a_customer_writes_pages_or_unfurls(at: Stage, plain: bool) -> None:
    """CT-08: mentions, commands and addresses of a customer stay words."""
    root = await at.root()
    text = "<!channel> @here <@U0AKI> #general <!subteam^S0CARE> https://evil.test/x"
    effect = replace(SHOW, plain=plain)
    outcome = await at.desk.post(job(effect, scene(thread=root, message=wrote(text))))
    assert isinstance(outcome, Done)
    shown = at.stands(outcome.remote_id)
    assert shown.notified == frozenset()
    assert not shown.unfurled
    assert text in at.slack.plain(shown)
    assert bool(shown.blocks) is not plain


@pytest.mark.parametrize("length", [2_990, 9_990, 20_000])
async def test_a_very_long_text_is_whole_in_one_post(at: Stage, length: int) -> None:
    """CT-06: none of it lost, no character cut in two."""
    root = await at.root()
    text = ("👩‍👩‍👧 & a\n" * 2_000)[:length]
    outcome = await at.desk.post(job(SHOW, scene(thread=root, message=wrote(text))))
    assert isinstance(outcome, Done)
    shown = at.stands(outcome.remote_id)
    seen = emoji.decoded(at.slack.plain(shown))
    assert seen.removeprefix("Yuki Tanaka · Instagram: ").strip() == text.strip()
    assert all(len(part["text"]) <= 3_000 for part in pieces(shown))
    assert len(at.slack.thread(PLACE, root.partition(":")[2])) == 1


def pieces(shown: Shown) -> list[dict[str, str]]:
    """The text elements of a post's first block."""
    return [part for block in shown.blocks[:1] for section in block["elements"] for part in section["elements"]]


async def test_what_was_written_elsewhere_is_a_small_line_with_its_words(at: Stage) -> None:
    root = await at.root()
    message = wrote("Answered by phone", author=Author.ELSEWHERE)
    outcome = await at.desk.post(job(SHOW, scene(thread=root, message=message)))
    assert isinstance(outcome, Done)
    seen = at.slack.plain(at.stands(outcome.remote_id))
    assert "Shop Hanako answered in the Instagram app" in seen
    assert "Answered by phone" in seen
    assert not seen.startswith("Yuki")


async def test_a_reply_to_a_root_that_is_gone_is_taken_back(at: Stage) -> None:
    """Slack posts it into the channel and says nothing of it but the missing thread_ts."""
    root = await at.root()
    await at.slack.delete(AKI, *root.split(":"))
    outcome = await at.desk.post(job(SHOW, scene(thread=root, message=wrote("Hello?"))))
    assert outcome == GONE_THREAD
    assert at.slack.channel_messages(PLACE) == []


async def test_a_stray_post_that_cannot_be_taken_back_is_named(at: Stage) -> None:
    root = await at.root()
    await at.slack.delete(AKI, *root.split(":"))
    at.slack.faults.add(method="chat.delete", kind="error", error="internal_error")
    outcome = await at.desk.post(job(SHOW, scene(thread=root, message=wrote("Hello?"))))
    assert isinstance(outcome, Refused)
    (stray,) = at.slack.channel_messages(PLACE)
    assert outcome.stray == f"{PLACE}:{stray.ts}"
    removed = await at.desk.change(job(RemovePost(workspace=TEAM, ref=PostRef(outcome.stray))))
    assert removed == Done()
    assert at.slack.channel_messages(PLACE) == []
    again = await at.desk.change(job(RemovePost(workspace=TEAM, ref=PostRef(outcome.stray))))
    assert again == Done()


async def test_a_line_in_the_thread_says_what_changed(at: Stage) -> None:
    root = await at.root()
    said = Said(key="thread.reopened", values={"deadline": int((NOON + timedelta(days=1)).timestamp())})
    effect = PostLine(workspace=TEAM, conversation=CONVERSATION, said=said)
    outcome = await at.desk.post(job(effect, scene(thread=root)))
    assert isinstance(outcome, Done)
    shown = at.stands(outcome.remote_id)
    assert shown.blocks[0]["type"] == "context"
    assert "Yuki Tanaka wrote again" in at.slack.plain(shown)


async def test_a_refused_picture_is_said_and_the_plain_form_is_taken(at: Stage) -> None:
    """The picture is left out, not the message."""
    root = await at.root()
    broken = "downloading image failed [json-pointer:/blocks/0/image_url]"
    at.slack.faults.add(
        method="chat.postMessage",
        kind="error",
        error={"error": "invalid_blocks", "response_metadata": {"messages": [broken]}},
    )
    in_scene = scene(thread=root, message=wrote("Hello"))
    assert await at.desk.post(job(SHOW, in_scene)) == Refused(code="picture", why="desk_content")
    outcome = await at.desk.post(job(replace(SHOW, plain=True), in_scene))
    assert isinstance(outcome, Done)
    shown = at.stands(outcome.remote_id)
    assert "Hello" in at.slack.plain(shown)
    assert shown.icons == {}
    assert shown.metadata == {"event_type": "threadbridge_post", "event_payload": {"row": "41"}}


async def test_no_word_of_a_customers_is_logged(at: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """The SDK writes whole requests into its debug log, so it has none."""
    with caplog.at_level("DEBUG"):
        root = await at.root()
        await at.desk.post(job(SHOW, scene(thread=root, message=wrote("My secret address"))))
        at.slack.faults.add(method="chat.postMessage", kind="garbage_after")
        await at.desk.post(job(SHOW, scene(thread=root, message=wrote("My secret address"))))
    assert "in stock" not in caplog.text
    assert "secret" not in caplog.text
    assert "Yuki" not in caplog.text


# -- changing


async def test_a_card_follows_the_conversation_and_an_unchanged_one_costs_no_call(at: Stage) -> None:
    root = await at.root()
    waiting = scene(thread=root, message=wrote("Is this in stock?"))
    first = await at.desk.change(job(REDRAW, waiting))
    assert isinstance(first, Done)
    calls = len(at.slack.calls)
    assert await at.desk.change(job(REDRAW, waiting, drawn=first.remote_id)) == first
    assert len(at.slack.calls) == calls
    answered = replace(waiting, conversation=replace(waiting.conversation, unsure=2))
    changed = await at.desk.change(job(REDRAW, answered, drawn=first.remote_id))
    assert isinstance(changed, Done)
    assert changed != first
    shown = at.stands(root)
    assert "2 answers may not have arrived" in at.slack.plain(shown)
    assert shown.metadata == {"event_type": "threadbridge_post", "event_payload": {"row": "1"}}


async def test_a_card_whose_post_is_gone_says_that_the_thread_is(at: Stage) -> None:
    root = await at.root()
    await at.slack.delete(AKI, *root.split(":"))
    outcome = await at.desk.change(job(REDRAW, scene(thread=root)))
    assert outcome == GONE_THREAD


async def test_signs_come_and_go_and_may_be_repeated(at: Stage) -> None:
    root = await at.root()
    ts = await at.slack.say(AKI, PLACE, "Yes", thread_ts=root.partition(":")[2])
    in_scene = scene(thread=root, message=reply(PostRef(f"{PLACE}:{ts}")))
    put = SetSign(workspace=TEAM, conversation=CONVERSATION, message=MessageId(200), sign=Sign.SENT)
    clear = ClearSign(workspace=TEAM, conversation=CONVERSATION, message=MessageId(200), sign=Sign.SENT)
    for _ in range(2):
        assert await at.desk.change(job(put, in_scene)) == Done()
    assert at.slack.reactions(PLACE, ts) == {"white_check_mark"}
    for _ in range(2):
        assert await at.desk.change(job(clear, in_scene)) == Done()
    assert at.slack.reactions(PLACE, ts) == set()


# -- to one person


def telling(about: PostRef, root: PostRef, **changes: object) -> TellPerson:
    usual = TellPerson(
        workspace=TEAM,
        person=AKI,
        said=Said(key="reply.unsure"),
        about=about,
        root=root,
        at=NOON,
        message=MessageId(200),
        conversation=CONVERSATION,
        buttons=(
            Button(act=Act.ARRIVED, label=Said(key="button.arrived")),
            Button(act=Act.SEND_AGAIN, label=Said(key="button.send_again"), style="danger"),
        ),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


async def pressed(at: Stage, ref: PostRef, act: str, *, ephemeral: bool) -> Pressed:
    """Let Aki press a button, and read what the bridge is sent."""
    channel, _, ts = ref.partition(":")
    assert await at.slack.click(AKI, channel, ts, act, ephemeral=ephemeral) == 200
    fact = at.inbox.facts()[-1]
    assert isinstance(fact, Pressed), fact
    return fact


async def test_a_line_within_a_minute_is_private_in_the_thread(at: Stage) -> None:
    root = await at.root()
    ts = await at.slack.say(AKI, PLACE, "Yes", thread_ts=root.partition(":")[2])
    about = PostRef(f"{PLACE}:{ts}")
    assert await at.desk.tell(job(telling(about, root), scene(thread=root))) == Done()
    (line,) = at.slack.ephemerals(AKI)
    assert line.thread_ts == root.partition(":")[2]
    assert "it may have reached Yuki Tanaka" in at.slack.plain(line)
    fact = await pressed(at, PostRef(f"{PLACE}:{line.ts}"), "arrived", ephemeral=True)
    assert (fact.act, fact.message, fact.person) == (Act.ARRIVED, MessageId(200), AKI)
    assert fact.handle is not None
    instead = ReplaceLine(workspace=TEAM, handle=fact.handle, said=Said(key="reply.settled_by_hand"), person=AKI)
    assert await at.desk.tell(job(instead, scene(thread=root))) == Done()
    (line,) = at.slack.ephemerals(AKI)
    assert "Noted as arrived." in at.slack.plain(line)
    at.clock.move(timedelta(minutes=31))
    assert await at.desk.tell(job(instead, scene(thread=root))) == Refused(code="expired_url", why="desk_try_again")


@pytest.mark.parametrize(("question", "late"), [(True, timedelta()), (False, timedelta(seconds=61))])
async def test_a_question_and_a_late_line_come_as_a_direct_message_with_a_link(
    at: Stage, question: bool, late: timedelta
) -> None:
    root = await at.root()
    ts = await at.slack.say(AKI, PLACE, "Yes", thread_ts=root.partition(":")[2])
    at.clock.move(late)
    effect = telling(PostRef(f"{PLACE}:{ts}"), root, question=question)
    outcome = await at.desk.tell(job(effect, scene(thread=root)))
    assert isinstance(outcome, Done)
    assert at.slack.ephemerals(AKI) == []
    (line,) = at.slack.dms(AKI)
    link = line.blocks[0]["elements"][1]["elements"][0]
    answer = await at.client.chat_getPermalink(channel=PLACE, message_ts=ts)
    assert link["url"] == answer["permalink"]
    fact = await pressed(at, PostRef(outcome.remote_id or ""), "send_again", ephemeral=False)
    instead = ReplaceLine(workspace=TEAM, handle=fact.handle or "", said=Said(key="reply.retry"), person=AKI)
    assert await at.desk.tell(job(instead, scene(thread=root))) == Done()
    assert "It is being sent again." in at.slack.plain(at.slack.dms(AKI)[0])


async def test_who_is_not_in_the_channel_cannot_be_told_there(at: Stage) -> None:
    root = await at.root()
    ts = await at.slack.say(AKI, PLACE, "Yes", thread_ts=root.partition(":")[2])
    await at.slack.leave(AKI, PLACE)
    tell = job(telling(PostRef(f"{PLACE}:{ts}"), root), scene(thread=root))
    outcome = await at.desk.tell(tell)
    assert outcome == Refused(code="user_not_in_channel", why="desk_other")
    direct = replace(tell, effect=telling(PostRef(f"{PLACE}:{ts}"), root, question=True))
    assert isinstance(await at.desk.tell(direct), Done)
    assert len(at.slack.dms(AKI)) == 1


# -- alerts


async def test_an_incident_is_announced_once_and_edited_until_it_is_over(at: Stage) -> None:
    incident = Incident(
        id=IncidentId(9),
        workspace=TEAM,
        key="reauth:5",
        kind="reauth",
        place=PLACE,
        account=account().id,
        values={"cause": "password_changed"},
        opened_at=NOON,
    )
    owned = account(settings=replace(account().settings, owners=(AKI,)))
    effect = PostAlert(workspace=TEAM, incident=incident.id, place=PLACE)
    outcome = await at.desk.post(job(effect, incident=incident, account=owned, waiting=4))
    assert isinstance(outcome, Done)
    shown = at.stands(outcome.remote_id)
    seen = at.slack.plain(shown)
    for words in ("Shop Hanako", "needs re-authentication", "password", "4", "threadbridge accounts add", "Since"):
        assert words in seen
    assert shown.notified == {AKI}
    over = replace(incident, closed_at=NOON + timedelta(hours=1), ref=PostRef(outcome.remote_id or ""))
    edit = EditAlert(workspace=TEAM, incident=incident.id, place=PLACE)
    assert await at.desk.change(job(edit, incident=over, account=owned)) == Done()
    seen = at.slack.plain(at.stands(outcome.remote_id))
    assert "Mended" in seen
    assert "accounts add" not in seen
