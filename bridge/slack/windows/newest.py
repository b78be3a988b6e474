"""What an agent's message says on the desk by now, from what was heard of its changes. Pure."""

from collections.abc import Sequence
from datetime import datetime

from bridge.model.asked import Asked
from bridge.model.facts import AgentEdited
from bridge.model.ids import PersonRef
from bridge.model.outcomes import RawItem
from bridge.model.state import Known
from bridge.rules.answers import ways
from bridge.slack.parse import SlackParser
from bridge.slack.sift import SOURCE


def spoken_of(heard: Sequence[bytes]) -> tuple[PersonRef, ...]:
    """Return whom these speak of: with their names they are shown."""
    parser = SlackParser()
    return tuple(dict.fromkeys(person for body in heard for person in parser.needs(body).people))


def words(asked: Asked, heard: Sequence[bytes], known: Known, now: datetime) -> str | None:
    """Return the newest words of the message that is asked about; None: none were heard. heard: raw, the latest first.

    known: whoever they speak of.
    """
    message, scene = asked.scene.message, asked.scene
    parser = SlackParser()
    for body in heard:
        item = RawItem(key="", source=SOURCE, lane="", at=now, body=body, workspace=scene.workspace.id)
        fact = parser.read(item, known, scene.workspace)
        if isinstance(fact, AgentEdited) and message is not None and fact.ref == message.ref:
            return ways.said(scene.account.settings, fact.text, message.at)
    return None
