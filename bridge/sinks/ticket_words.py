"""What a ticket says outside of the desk: as JSON (docs/tickets.md), and as e-mail. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bridge.model.decision import Job, Scene
from bridge.model.ids import MessageId
from bridge.model.state import Message
from bridge.model.tickets import Ticket
from bridge.sinks.words import Told, at
from bridge.wording import Wording


def created(job: Job, scene: Scene, ticket: Ticket, thread: str | None) -> dict[str, Any]:
    """A new ticket. thread: where the conversation stands on the desk."""
    who = scene.customer
    data = {
        "ticket": str(ticket.id),
        "name": ticket.name,
        "conversation": str(scene.conversation.id),
        "account": {
            "platform": scene.account.platform.value,
            "id": scene.account.remote_id,
            "name": scene.account.name,
        },
        "customer": {"id": who.remote_id, "name": who.name, "username": who.username},
        "made_by": "timer" if ticket.by is None else "agent",
        "agent": None if ticket.by is None else job.names.get(ticket.by),
        "waiting_since": moment(ticket.since),
        "thread": thread,
        "messages": [_message(each) for each in scene.shown],
    }
    return {"type": "ticket.created", "timestamp": moment(ticket.at), "data": data}


def redacted(ticket: Ticket, messages: Sequence[MessageId], now: datetime) -> dict[str, Any]:
    """Of a ticket, messages that were taken back; none: all that it holds of the customer."""
    data = {"ticket": str(ticket.id), "messages": [str(each) for each in messages], "everything": not messages}
    return {"type": "ticket.redacted", "timestamp": moment(now), "data": data}


def _message(message: Message) -> dict[str, Any]:
    return {
        "id": str(message.id),
        "at": moment(message.at),
        "kind": message.kind,
        "text": message.text,
        "attachments": [{"kind": each.kind} for each in message.attachments],
    }


def moment(when: datetime) -> str:
    """A time as RFC 3339 has it, in UTC."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


# ── as e-mail ─────────────────────────────────────────────────────────────────────────────────────────────


def mailed(job: Job, scene: Scene, ticket: Ticket, thread: str | None) -> Told:
    """A new ticket, in the workspace's language."""
    wording = Wording(job.language)
    values = {"customer": _called(scene, wording), "account": scene.account.name, "number": ticket.name}
    title = wording.say("on_ticket.mail_title", **values)
    lines = [
        wording.say("on_ticket.mail_made", **values),
        wording.say("on_ticket.since", when=at(ticket.since)),
        *(_line(each, wording) for each in scene.shown),
    ]
    if thread is not None:
        lines.append(wording.say("on_ticket.mail_answer", address=thread))
    return Told(title=" ".join(title.split()), lines=tuple(lines))


def mailed_redaction(job: Job, scene: Scene, ticket: Ticket, messages: int) -> Told:
    """What must be deleted of it: without a word of what that was."""
    wording = Wording(job.language)
    values = {"number": ticket.name, "account": scene.account.name, "count": messages}
    title = wording.say("on_ticket.mail_redacted_title", **values)
    key = "on_ticket.mail_redacted" if messages else "on_ticket.mail_erased"
    return Told(title=" ".join(title.split()), lines=(wording.say(key, **values),))


def _called(scene: Scene, wording: Wording) -> str:
    who = scene.customer
    return who.name or who.username or wording.say("name.anonymous", suffix=who.suffix)


def _line(message: Message, wording: Wording) -> str:
    said = message.text or wording.say("on_ticket.wordless")
    return f"[{at(message.at)}] {said}"
