"""Files that agents send: which parts of an answer they are, and what brings them to the network before it goes.

Rule 1: the words go first, then each file by itself, in the order in which they were attached.
Rule 2: nothing of an answer goes before the network has all its files; what it has is used again while it keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from bridge import lanes
from bridge.model.change import replace
from bridge.model.decision import Denied, Scene
from bridge.model.effects import Queued
from bridge.model.facts import AgentWrote
from bridge.model.files import PrepareFile
from bridge.model.state import Attachment, AttachmentState, Message, PartState
from bridge.rules.answers.fitting import Which

BARS: Final[Mapping[str, str]] = {
    "document": "reply.file_document",
    "elsewhere": "reply.file_elsewhere",
    "gone": "reply.file_gone",
}
"""Why a file cannot be had at all, and the sentence that tells it."""
FILMS: Final = frozenset({"audio", "video"})
"""Kinds of which the network takes few a second."""
KEPT: Final = timedelta(days=89)
"""So long what was brought to the network is used again: it forgets after 90 days.

https://developers.facebook.com/docs/messenger-platform/reference/attachment-upload-api
"""


def attached(fact: AgentWrote, before: Message | None) -> tuple[Attachment, ...]:
    """The files of a message; what is known of them from before is kept."""
    known = {each.file: each for each in before.attachments} if before is not None else {}
    return tuple(
        replace(known[file.ref], seq=seq)
        if file.ref in known and file.bar is None
        else Attachment(
            seq=seq,
            kind=file.kind,
            title=file.name,
            file=file.ref,
            state=AttachmentState.LISTED if file.bar is None else AttachmentState.FAILED,
            reason=file.bar,
        )
        for seq, file in enumerate(fact.files, start=1)
    )


def same_files(message: Message, fact: AgentWrote) -> bool:
    """Whether a message has just these files."""
    return [each.file for each in message.attachments] == [each.ref for each in fact.files]


def barred(message: Message) -> Denied | None:
    """Why a message cannot go for what one of its files is, as far as the desk tells."""
    for each in message.attachments:
        if each.state is AttachmentState.FAILED and each.reason is not None and each.reason in BARS:
            said = Which(file=each.seq, files=len(message.attachments)).said(BARS[each.reason]).said
            return Denied(said=said)
    return None


def worded(message: Message) -> int:
    """How many parts of an answer on its way are words; the files follow them."""
    return len(message.parts) - len(message.attachments)


def file_of(message: Message, part: int) -> Attachment | None:
    """The file that a part of an answer is; None: it is words."""
    place = part - worded(message) - 1
    return message.attachments[place] if 0 <= place < len(message.attachments) else None


def is_film(message: Message, part: int) -> bool:
    """Whether a part is sound or film."""
    file = file_of(message, part)
    return file is not None and file.kind in FILMS


def is_kept(file: Attachment, now: datetime) -> bool:
    """Whether the network has it, and has it still."""
    return file.remote_id is not None and file.remote_at is not None and now < file.remote_at + KEPT


def to_bring(message: Message, now: datetime) -> tuple[Attachment, ...]:
    """The files that the network must get before what is left of an answer can go."""
    left = {part.seq for part in message.parts if part.state is PartState.READY}
    first = worded(message)
    return tuple(each for each in message.attachments if first + each.seq in left and not is_kept(each, now))


def prepares(scene: Scene, message: Message, now: datetime, due: datetime) -> tuple[Queued, ...]:
    """What brings them there; to be queued before the sends, in whose lane it goes."""
    return tuple(
        lanes.queue(
            PrepareFile(
                workspace=scene.workspace.id,
                conversation=scene.conversation.id,
                account=scene.account.id,
                message=message.id,
                attachment=each.seq,
            ),
            position=lanes.micros(message.at),
            not_before=due,
        )
        for each in to_bring(message, now)
    )


def with_file(message: Message, file: Attachment) -> Message:
    """The message with another state of one of its files."""
    return replace(message, attachments=tuple(file if each.seq == file.seq else each for each in message.attachments))
