"""What cards say, without a desk."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from bridge.demo.slack.blocks import check_message_blocks
from bridge.model.change import replace
from bridge.model.decision import Scene
from bridge.model.effects import PostMessage, PostRoot, RedrawCard
from bridge.model.ids import MessageId, PostRef, ThreadId
from bridge.model.state import CardField, Control, Health, Platform, Wish, Work
from bridge.slack import cards, render
from bridge.wording import LANGUAGES, load
from tests.slack.stage import AKI, CONVERSATION, NOON, PLACE, TEAM, account, job, scene, wrote

ROOT = PostRef(f"{PLACE}:1763640000.000001")
DAY = timedelta(days=1)


def card(in_scene: Scene, now: datetime = NOON, **more: Any) -> str:
    """A card's plain words."""
    redraw = RedrawCard(workspace=TEAM, conversation=CONVERSATION)
    text, blocks = cards.card(job(redraw, in_scene, **more), in_scene, now, block_id="row:1")
    check_message_blocks(blocks)
    assert blocks[0]["type"] == "rich_text"
    return re.sub(r"<!date\^[^|]*\|([^>]*)>", r"\1", text)


def test_a_card_tells_whose_turn_it_is_and_until_when() -> None:
    waiting = scene(message=wrote("Is this in stock?"))
    assert "Waiting since 2026-11-20 12:00 UTC · reply by 2026-11-21 12:00 UTC" in card(waiting)
    answered = replace(waiting.conversation, work=Work.ANSWERED, waiting_since=None, answered_at=NOON, answered_by=AKI)
    told = card(replace(waiting, conversation=answered))
    assert "Answered by Aki 2026-11-20 12:00 UTC" in told
    assert "Replies possible until 2026-11-21 12:00 UTC" in told
    elsewhere = replace(answered, answered_by=None)
    assert "Answered in the Instagram app" in card(replace(waiting, conversation=elsewhere))


@pytest.mark.parametrize(
    ("human_agent", "now", "words"),
    [
        (False, NOON + DAY - timedelta(seconds=3_601), "🔴 Waiting since"),
        (False, NOON + DAY - timedelta(seconds=3_600), "🟠 Waiting since 2026-11-20 12:00 UTC · closes 2026-11-21"),
        (False, NOON + DAY - timedelta(seconds=61), "closes 2026-11-21 12:00 UTC"),
        # a minute early, so that nobody counts on the last one
        (False, NOON + DAY - timedelta(seconds=59), "Closed 2026-11-21 12:00 UTC"),
        (
            True,
            NOON + DAY - timedelta(hours=1),
            "reply by 2026-11-21 12:00 UTC (2026-11-21 12:00 UTC), or until 2026-11-27",
        ),
        (True, NOON + DAY, "🔴 Waiting since 2026-11-20 12:00 UTC\n🟡 Human-agent window until 2026-11-27 12:00 UTC"),
        (
            True,
            NOON + 7 * DAY - timedelta(hours=1),
            "🟠 Waiting since 2026-11-20 12:00 UTC · human-agent window closes 2026-11-27",
        ),
        (True, NOON + 7 * DAY, "Closed 2026-11-27 12:00 UTC"),
    ],
)
def test_a_card_follows_the_windows(human_agent: bool, now: datetime, words: str) -> None:
    on = account(settings=replace(account().settings, human_agent=human_agent))
    assert words in card(scene(message=wrote("Hi"), on=on), now)


def test_in_the_human_agent_window_only_the_card_of_who_waits_says_so() -> None:
    """UX, ZI-35: whose turn it is and what a reply takes are two things; once answered, only the second is left."""
    on = account(settings=replace(account().settings, human_agent=True))
    answered: dict[str, Any] = {"work": Work.ANSWERED, "waiting_since": None, "answered_at": NOON, "answered_by": AKI}
    told = card(scene(message=wrote("Hi"), on=on, **answered), NOON + DAY)
    assert "Answered by Aki 2026-11-20 12:00 UTC\n🟡 Human-agent window until" in told
    assert "Waiting" not in told


@pytest.mark.parametrize(
    ("on", "changes", "words"),
    [
        (account(wish=Wish.PAUSED), {}, "Shop Hanako is paused"),
        (account(wish=Wish.REMOVED), {}, "was removed from the bridge"),
        (account(health=Health.NEEDS_REAUTHENTICATION), {}, "needs re-authentication"),
        (account(health=Health.RESTRICTED), {}, "has restricted Shop Hanako"),
        (account(health=Health.PENDING), {}, "waits for a permission from Instagram"),
        (account(health=Health.NOT_ELIGIBLE), {}, "does not let Shop Hanako send through apps"),
        (account(), {"control": Control.OTHER}, "With another app now"),
        (account(), {"unsure": 1}, "1 answer may not have arrived"),
        (account(), {"standard_close": None, "human_close": None, "last_at": None}, "has not written yet"),
        (account(), {"standard_close": None, "human_close": None, "last_at": NOON}, "The comment was deleted"),
        (account(platform=Platform.MESSENGER), {}, "Messenger"),
    ],
)
def test_a_card_says_what_is_the_matter(on: Any, changes: dict[str, Any], words: str) -> None:
    assert words in card(scene(message=wrote("Hi"), on=on, **changes))


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (CardField.USERNAME, "@yuki_333"),
        (CardField.PLATFORM, "Instagram · "),
        (CardField.ACCOUNT, "Shop Hanako"),
        (CardField.PREVIEW, "“Hi”"),
        (CardField.FOLLOWERS, "1,204 followers"),
        (CardField.FOLLOWS, "follows you"),
        (CardField.VERIFIED, "verified"),
    ],
)
def test_a_card_shows_the_fields_that_its_account_names(field: CardField, words: str) -> None:
    """CT-02, CT-03: all of them by default; a field that is left out is not there."""

    def rich(fields: tuple[CardField, ...] | None) -> str:
        at = scene(message=wrote("Hi"), on=account(settings=replace(account().settings, card_fields=fields)))
        known = replace(at.customer, username="yuki_333", followers=1_204, follows=True, verified=True)
        redraw = RedrawCard(workspace=TEAM, conversation=CONVERSATION)
        drawn = replace(at, customer=known)
        _, blocks = cards.card(job(redraw, drawn), drawn, NOON, block_id="x")
        parts = [part for run in blocks[0]["elements"] for part in run["elements"]]
        return "".join(part["text"] for part in parts)

    assert words in rich(None)
    assert words.rstrip(" ·") in rich((field,))
    assert words not in rich(tuple(each for each in CardField if each is not field))
    assert rich(()) == "Yuki Tanaka"


def test_a_picture_that_is_left_out_stands_beside_no_card() -> None:
    """CT-03: the posts in the thread keep it."""
    at = scene(thread=ROOT, message=wrote("Hi"), on=account(settings=replace(account().settings, card_fields=())))
    pictured = replace(at, customer=replace(at.customer, picture="https://cdn.example/yuki.jpg"))
    root = PostRoot(workspace=TEAM, conversation=CONVERSATION, thread=ThreadId(3))
    assert "icon_url" not in render.root(job(root, pictured), pictured, PLACE, NOON, plain=False)
    show = job(PostMessage(workspace=TEAM, conversation=CONVERSATION, message=MessageId(100)), pictured)
    assert "icon_url" in render.message(show, pictured, wrote("Hi"), ROOT, NOON, plain=False)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(key.partition(".")[2] for key in load("en") if key.startswith("kind.")))
def test_a_card_tells_of_every_kind_and_is_never_empty(language: str, kind: str) -> None:
    """UX: what came without words is told by its kind; the plain text says the same."""
    redraw = RedrawCard(workspace=TEAM, conversation=CONVERSATION)
    for message in (wrote(None, kind=kind), wrote("a" * 400, kind=kind)):
        at = scene(message=message)
        text, blocks = cards.card(job(redraw, at, language=language), at, NOON, block_id="x")
        check_message_blocks(blocks)
        parts = [part for run in blocks[0]["elements"] for part in run["elements"]]
        words = "".join(part["text"] for part in parts)
        assert len(words) > len("Yuki Tanaka  @yuki_333 · Instagram · Shop Hanako") + 3
        assert len(words) < 600
        assert text.splitlines()[0] != load(language)["card.summary_without_words"]


def test_what_was_taken_back_is_on_no_card() -> None:
    """CT-19: also between the unsend and the next message that the card shows."""
    gone = replace(wrote(None), unsent_at=NOON)
    assert "cannot be shown" not in card(scene(message=gone))


def test_a_cards_dates_are_shown_in_each_readers_zone() -> None:
    at = scene(message=wrote("Hi"))
    redraw = RedrawCard(workspace=TEAM, conversation=CONVERSATION)
    _, blocks = cards.card(job(redraw, at), at, NOON, block_id="x")
    assert f"<!date^{int((NOON + DAY).timestamp())}^{{ago}}|" in blocks[1]["text"]["text"]


def test_a_card_has_the_same_fingerprint_until_it_looks_different() -> None:
    at = scene(message=wrote("Hi"))
    redraw = RedrawCard(workspace=TEAM, conversation=CONVERSATION)

    def print_of(in_scene: Scene, now: datetime, row: int) -> str:
        return render.redrawn(job(redraw, in_scene, row=row), in_scene, ROOT, now)[1]

    assert print_of(at, NOON, 1) == print_of(at, NOON + timedelta(hours=3), 2)
    assert print_of(at, NOON, 1) != print_of(at, NOON + DAY, 1)
    assert print_of(at, NOON, 1) != print_of(replace(at, message=wrote("Ho")), NOON, 1)


def test_a_plain_card_has_no_blocks_and_no_picture() -> None:
    at = scene(message=wrote("Hi"))
    root = PostRoot(workspace=TEAM, conversation=CONVERSATION, thread=ThreadId(3), plain=True)
    call = render.root(job(root, at), at, PLACE, NOON, plain=True)
    assert "blocks" not in call
    assert "icon_url" not in call
    assert "Yuki Tanaka wrote on Instagram" in call["text"]
