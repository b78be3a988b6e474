"""What customers change and take back, as facts: edits, reactions, unsends, answers to one message."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge.meta.envelope import split
from bridge.meta.parse import MetaParser
from bridge.model.facts import CustomerEdited, CustomerReacted, CustomerUnsent, CustomerWrote, Fact, Ignored
from bridge.model.ids import RemoteId
from bridge.model.state import Known, Platform

PAGE, IGID, PERSON = "104857600000001", "17841400000000001", "7200000000000011"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECONDS = 1772150400100
EVENT_TIME = EPOCH + timedelta(milliseconds=MILLISECONDS)
STORY = {"url": "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=2", "id": "17890000000000042"}
REACTED = {"mid": "m", "action": "react", "reaction": "love", "emoji": "❤️"}


def told(what: dict[str, Any], platform: Platform = Platform.MESSENGER) -> Fact:
    """What one item of a delivery is taken for."""
    account = PAGE if platform is Platform.MESSENGER else IGID
    item = {"sender": {"id": PERSON}, "recipient": {"id": account}, "timestamp": MILLISECONDS} | what
    entry = {"id": account, "time": MILLISECONDS + 400, "messaging": [item]}
    body = json.dumps({"object": "page" if account == PAGE else "instagram", "entry": [entry]}).encode()
    (raw,) = split(body, EVENT_TIME)
    return MetaParser().read(raw, Known(), None)


def of(platform: Platform) -> dict[str, Any]:
    """Whose fact it is."""
    account = PAGE if platform is Platform.MESSENGER else IGID
    return {"platform": platform, "account": account, "customer": PERSON, "at": EVENT_TIME}


@pytest.mark.parametrize("platform", Platform)
def test_what_is_changed_or_taken_back_names_its_message(platform: Platform) -> None:
    """M-17, M-04: an edit with its number, a reaction with its sign, what was taken back; on a Page too."""
    whose = of(platform)
    edit = {"mid": "m", "text": "(M)", "num_edit": "2"}
    assert told({"message_edit": edit}, platform) == CustomerEdited(
        **whose, remote_id=RemoteId("m"), text="(M)", number=2
    )
    assert told({"reaction": REACTED}, platform) == CustomerReacted(**whose, about=RemoteId("m"), emoji="❤️")
    taken = {"mid": "m", "action": "unreact"}
    assert told({"reaction": taken}, platform) == CustomerReacted(**whose, about=RemoteId("m"), emoji=None)
    unsent = {"mid": "m", "is_deleted": True}
    assert told({"message": unsent}, platform) == CustomerUnsent(**whose, remote_id=RemoteId("m"))


def test_a_change_without_what_it_needs_is_passed_over() -> None:
    """A number may be missing; the message, or the words, may not."""
    edit = told({"message_edit": {"mid": "m", "text": "(M)"}})
    assert isinstance(edit, CustomerEdited)
    assert edit.number == 0
    assert told({"message_edit": {"mid": "m", "num_edit": 1}}) == Ignored(why="no_words")
    assert told({"message_edit": {"text": "(M)", "num_edit": 1}}) == Ignored(why="no_message")
    assert told({"reaction": {"action": "unreact"}}) == Ignored(why="no_message")
    assert told({"message": {"is_deleted": True}}) == Ignored(why="no_message")
    named = told({"reaction": {"mid": "m", "action": "react", "reaction": "other"}})
    assert isinstance(named, CustomerReacted)
    assert named.emoji == "other"


def test_an_answer_to_a_message_names_it() -> None:
    """What a customer answers is told by the network's id; a story is no message."""
    answer = told({"message": {"mid": "m", "text": "これ", "reply_to": {"mid": "m_9xPz"}}})
    assert isinstance(answer, CustomerWrote)
    assert answer.about == "m_9xPz"
    of_story = told({"message": {"mid": "m", "text": "わ", "reply_to": {"story": STORY}}})
    assert isinstance(of_story, CustomerWrote)
    assert of_story.about is None
