"""What windows offer and show, for every state of what they are about."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bridge.meta.render import WIRE_LIMITS
from bridge.model.asked import Asked
from bridge.model.change import replace
from bridge.model.facts import Act, Submitted
from bridge.model.ids import PersonRef
from bridge.model.saved import SavedReply, SavedReplyId
from bridge.model.state import Attachment, Block, Known, Message, Person, PersonKind, ReplyState
from bridge.slack import inside
from bridge.slack.shapes import ref
from bridge.slack.windows import acts, editing, newest, saving, submitted
from bridge.slack.windows.about import About
from bridge.slack.windows.forms import Read
from bridge.slack.windows.kinds import Drawing, Drawn
from bridge.wording import Wording
from tests.core.factories import AKI, BOT, CUSTOMER, GUEST, NOON, ROOT, STRANGER, WORKSPACE, answer, scene

LONG = answer("a" * 1701, state=ReplyState.REFUSED, parts=())


def drawing(message: Message | None = None, language: str = "en", **given: Any) -> Drawing:
    """A window about a message that Aki has before her, with what stands in its fields."""
    asked = Asked(scene=scene(message), language=language)
    return Drawing(
        asked=asked, about=About(root=ROOT), wording=Wording(language), now=NOON, chosen=Read(values=given, wrong={}),
        reader=AKI, wire=WIRE_LIMITS,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("blocked", "offered"),
    [
        (None, {Act.BLOCK, Act.SPAM}),
        (Block.BLOCKED, {Act.SPAM, Act.UNBLOCK}),
        (Block.SPAM, {Act.UNBLOCK}),
    ],
)
def test_a_blocked_customer_can_be_marked_as_spam_too(blocked: Block | None, offered: set[Act]) -> None:
    """ZI-34: as by the word in the thread; each act is offered once."""
    found = [each.act for each in acts.offered(replace(scene(), customer=replace(CUSTOMER, blocked=blocked)), AKI)]
    assert set(found) & {Act.BLOCK, Act.SPAM, Act.UNBLOCK} == offered
    assert len(found) == len(set(found))


@pytest.mark.parametrize(("names", "line"), [((), None), (("mug.jpg",), "With 1 file: mug.jpg"),
    (("mug.jpg", "<!here>.pdf"), "With 2 files: mug.jpg, !here.pdf")])  # fmt: skip
def test_the_window_of_a_long_answer_names_the_files_that_go_along(names: tuple[str, ...], line: str | None) -> None:
    """CT-13: whoever shortens the words sees that the files stay with them; a file's name does nothing there."""
    files = tuple(Attachment(seq=seq, kind="image", title=name) for seq, name in enumerate(names, 1))
    made = editing.EDIT.draw(drawing(replace(LONG, attachments=files)))
    assert isinstance(made, Drawn)
    shown = json.dumps(made.blocks)
    assert ("With " in shown) is bool(names)
    assert line is None or line in shown


@pytest.mark.parametrize(
    ("text", "mentions", "leads_inside"),
    [
        ("Ask <@U0123> first", True, False),
        ("<!subteam^S012> knows", True, False),
        ("<!here>", True, False),
        ("<#C012|shop>", True, False),
        ("Ask @Ken first", True, False),
        ("こちらは@健さんに", True, False),
        ("＠Ken", True, False),
        ("Write to info@shop.example, or meet @ 5", False, False),
        ("https://video.example/@shop", False, False),
        ("<3", False, False),
        ("See https://hanako.slack.com/archives/C012/p17", False, True),
        ("こちらhttps://hanako.slack.com/archives/C012/p17です", False, True),
        ("https://slack.com/pricing", False, False),
    ],
)
def test_what_is_for_colleagues_is_seen_where_slack_marks_nothing(
    text: str, mentions: bool, leads_inside: bool
) -> None:
    """A window's words are plain: mentions as Slack writes them, or a name after an at sign; addresses within Slack."""
    assert (inside.mentions(text), inside.leads_inside(text)) == (mentions, leads_inside)
    about = json.dumps({"r": ref("C012", "1763726400.000100"), "l": "en"})
    body = {"callback_id": Act.REPLY_TO, "private_metadata": about, "user": {"id": "U1"}, "values": {"text": text}}
    fact = submitted.fact(body, NOON, WORKSPACE)
    assert isinstance(fact, Submitted)
    assert (fact.mentions, fact.leads_inside) == (mentions, leads_inside)


def test_a_window_says_at_the_field_that_a_name_is_taken() -> None:
    """Not of the one that is being changed, and not of the very same sent in twice."""
    theirs = SavedReply(
        id=SavedReplyId(7), account=scene().account.id, name="hello", language="en", text="Hi", by=AKI, at=NOON
    )
    asked = Asked(scene=scene(), language="en", saved=(theirs,))
    weigh = saving.FORM.weigh
    assert weigh is not None
    given = {"name": "hello", "language": "en", "text": "Welcome"}
    for values, wrong in (
        (given, {"name": "window.name_taken"}),
        (given | {"language": "ja"}, {}),
        (given | {"saved": "7"}, {}),
        (given | {"text": "Hi"}, {}),
    ):
        assert weigh(asked, About(root=ROOT), Read(values=values, wrong={})) == wrong
    picked = Read(values={"saved": "8", "name.8": "hello", "language": "en", "text.8": "Welcome"}, wrong={})
    assert weigh(asked, About(root=ROOT, pick="8"), picked) == {"name.8": "window.name_taken"}


@pytest.mark.parametrize(("whom", "wrong"), [(AKI, False), (GUEST, True), (STRANGER, True), (BOT, True), (None, False)])
def test_a_window_says_at_the_field_that_somebody_may_not_answer(whom: PersonRef | None, wrong: bool) -> None:
    """ZI-29: before anything is kept."""
    weigh = acts.ASSIGNING.weigh
    assert weigh is not None
    read = Read(values={"whom": whom}, wrong={})
    said = weigh(Asked(scene=scene(), language="en"), About(root=ROOT), read)
    assert said == ({"whom": "window.may_not_answer"} if wrong else {})


def test_a_correction_begins_with_the_names_of_whom_it_mentions() -> None:
    """As the thread shows them: not as nobody."""
    ts = "1763726402.000100"
    message = {
        "user": "U012",
        "ts": ts,
        "thread_ts": "1763726400.000100",
        "text": "Ask <@U0KEN>",
        "edited": {"user": "U012", "ts": "1763726403.000000"},
    }
    before = {**message, "text": "Ask", "edited": None}
    event = {
        "type": "message", "subtype": "message_changed", "channel": "C012", "message": message, "previous_message": before,
    }  # fmt: skip
    heard = [json.dumps({"type": "event_callback", "event": event}).encode()]
    ken = PersonRef("U0KEN")
    assert ken in newest.spoken_of(heard)
    asked = Asked(scene=scene(replace(answer(), ref=ref("C012", ts))), language="en")
    known = Known(people={ken: Person(ref=ken, kind=PersonKind.MEMBER, name="Ken")})
    assert newest.words(asked, heard, known, NOON) == "Ask @Ken"
