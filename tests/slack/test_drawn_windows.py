"""What windows offer and show, for every state of what they are about."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bridge.meta.render import WIRE_LIMITS
from bridge.model.asked import Asked
from bridge.model.change import replace
from bridge.model.facts import Act
from bridge.model.state import Attachment, Block, Message, ReplyState
from bridge.slack.windows import acts, editing
from bridge.slack.windows.about import About
from bridge.slack.windows.forms import Read
from bridge.slack.windows.kinds import Drawing, Drawn
from bridge.wording import Wording
from tests.core.factories import AKI, CUSTOMER, NOON, ROOT, answer, scene

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
