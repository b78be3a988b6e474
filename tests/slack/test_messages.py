"""How a message looks: a function of its row and the time, whatever came with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.demo.slack.blocks import check_message_blocks
from bridge.demo.slack.text import pages, walk
from bridge.meta import kinds
from bridge.model.change import replace
from bridge.model.state import Attachment, AttachmentState, Platform
from bridge.slack import messages
from bridge.slack.messages import Drawn
from bridge.slack.phrase import flat
from bridge.wording import LANGUAGES, Wording
from tests.slack.stage import NOON, account, scene, wrote

HOUR = timedelta(hours=1)
CDN = "https://scontent.xx.fbcdn.net/1.jpg?oh=03&oe=69"
IMAGE = Attachment(seq=1, kind="image", address=CDN)
KINDS = sorted(kinds.KINDS)


def drawn(*attached: Attachment, text: str | None = None, kind: str = "text", language: str = "en") -> Drawn:
    return messages.drawn(scene(), wrote(text, kind=kind, attachments=attached), Wording(language), NOON)


@pytest.mark.parametrize("state", [AttachmentState.FETCHING, AttachmentState.STORED, AttachmentState.SHOWN])
def test_a_file_that_stands_in_the_thread_needs_no_link(state: AttachmentState) -> None:
    """CT-07: a small line tells that it comes, or stands there; so its post never has to change for it."""
    assert drawn(replace(IMAGE, state=state), text="hi").words == "sent an image\nhi"


def test_a_file_that_is_not_copied_is_a_link_behind_a_word() -> None:
    """CT-07: links only; a signed address is nothing to read."""
    looks = drawn(IMAGE)
    assert looks.words == "sent an image\nOpen the image"
    assert [each["url"] for each in walk(list(looks.blocks)) if each.get("type") == "link"] == [CDN]


@pytest.mark.parametrize("text", [" ", "\n\u3000", "\u200b", "\u2060\ufe0f", "\u3164"])
@pytest.mark.parametrize(("language", "says"), [("en", "sent an empty message"), ("ja", "空のメッセージを送りました")])
def test_a_message_of_which_nobody_sees_anything_is_said_to_be_empty(text: str, language: str, says: str) -> None:
    """ZI-33: in words, without a blank line or empty quotes; in short as well; with a picture it is the picture."""
    assert drawn(text=text, language=language).words == says
    assert len(drawn(text=text, language=language).blocks) == 1
    short, words = messages.gist(scene(), wrote(text), Wording(language), 80)
    assert (flat(short), words) == (says, "")
    assert drawn(replace(IMAGE, state=AttachmentState.SHOWN), text=text).words == "sent an image"


@pytest.mark.parametrize(("reason", "why"), [("too_large", "it is too large"), (None, "it could not be copied")])
def test_a_file_that_failed_says_why_and_leads_to_it(reason: str | None, why: str) -> None:
    """Promise 4: the reason in words, and the network's own address."""
    failed = replace(IMAGE, state=AttachmentState.FAILED, reason=reason)
    assert drawn(failed).words == f"sent an image\nThe image is not shown here: {why} · Open the image"


@pytest.mark.parametrize(
    ("story", "line"),
    [
        (Attachment(seq=1, kind="story_reply", address=CDN, expires_at=NOON + HOUR), "Open the story"),
        (Attachment(seq=1, kind="story_reply", address=CDN, expires_at=NOON), "The story is no longer available"),
        (Attachment(seq=1, kind="story_reply", state=AttachmentState.GONE), "The story is no longer available"),
    ],
)
def test_a_story_is_a_link_until_its_time_is_over(story: Attachment, line: str) -> None:
    """F6, CT-37: nothing is left of the address then."""
    looks = drawn(story, text="かわいい!")
    assert looks.words == f"replied to your story (gone after 24 h)\nかわいい!\n{line}"
    assert (CDN in str(looks.blocks)) == (line == "Open the story")


@pytest.mark.parametrize(
    ("platform", "inbox"),
    [
        (Platform.INSTAGRAM, "https://www.instagram.com/direct/inbox/"),
        (Platform.MESSENGER, "https://business.facebook.com/latest/inbox/all?asset_id=1784"),
    ],
)
def test_what_cannot_be_shown_leads_to_the_networks_own_inbox(platform: Platform, inbox: str) -> None:
    """CT-11, ZI-33."""
    at = scene(on=account(platform=platform))
    looks = messages.drawn(at, wrote(None, kind="unsupported"), Wording("en"), NOON)
    assert f"<{inbox}|" in str(looks.blocks)


def test_what_came_and_what_it_is_about_are_told_once_each_and_counted() -> None:
    """M-07: one small line, whatever the number."""
    about = Attachment(seq=1, kind="ad", title="春の新作")
    three = [replace(IMAGE, seq=number, state=AttachmentState.SHOWN) for number in (2, 3, 4)]
    assert drawn(about, *three, text="はい", kind="quick_reply").words == (
        "came from the ad “春の新作” · sent an image, 3 in all · chose “はい”"
    )


def test_an_address_that_is_none_or_too_long_is_no_link() -> None:
    for address in ("javascript:alert(1)", "https://", "https://x/ y", "https://x/" + "a" * 3_000):
        looks = drawn(Attachment(seq=1, kind="template", address=address, title="Card"))
        assert looks.words == "sent a card\nCard"


ATTACHED = st.builds(
    Attachment,
    seq=st.integers(1, 9),
    kind=st.sampled_from([*KINDS, "hologram"]),
    address=st.none() | st.text(max_size=40) | st.text(max_size=40).map("https://x.test/".__add__),
    title=st.none() | st.text(max_size=300),
    state=st.sampled_from(AttachmentState),
    reason=st.none() | st.sampled_from(["too_large", "nobody knows"]),
    expires_at=st.none() | st.just(NOON) | st.just(NOON + HOUR),
)


@given(
    attached=st.lists(ATTACHED, max_size=5),
    text=st.none() | st.text(max_size=50),
    kind=st.sampled_from(KINDS),
    language=st.sampled_from(LANGUAGES),
)
def test_any_message_makes_blocks_that_slack_takes_and_that_page_nobody(
    attached: list[Attachment], text: str | None, kind: str, language: str
) -> None:
    """CT-08, M-24: whatever a customer sent, and whatever became of it."""
    looks = drawn(*attached, text=text, kind=kind, language=language)
    check_message_blocks(list(looks.blocks))
    assert looks.blocks
    assert pages("", list(looks.blocks)) == frozenset()
    assert not [each for each in walk(list(looks.blocks)) if each.get("type") == "image"]
