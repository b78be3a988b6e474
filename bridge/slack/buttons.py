"""What a button of ours acts on, as it travels in the button's ``value``: a message, a conversation or an incident. Pure."""

import re

from bridge.model.ids import ConversationId, IncidentId, MessageId
from bridge.model.word import Word

_VALUE = re.compile(r"(?:(conversation|incident):)?([0-9]{1,18})")


class Acting(Word, kw_only=True):
    """What a button acts on; all None: on what stands where it was pressed."""

    message: MessageId | None = None
    conversation: ConversationId | None = None
    incident: IncidentId | None = None


def of_message(message: MessageId) -> str:
    """Return the value of a button that acts on a message."""
    return str(message)


def of_conversation(conversation: ConversationId) -> str:
    """Return the value of a button that acts on a conversation, wherever it stands."""
    return f"conversation:{conversation}"


def of_incident(incident: IncidentId) -> str:
    """Return the value of a button that acts on an incident."""
    return f"incident:{incident}"


def acting(value: object) -> Acting:
    """Return what a value names; nothing, where it is none of ours."""
    found = _VALUE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return Acting()
    number = int(found[2])
    match found[1]:
        case "conversation":
            return Acting(conversation=ConversationId(number))
        case "incident":
            return Acting(incident=IncidentId(number))
        case _:
            return Acting(message=MessageId(number))
