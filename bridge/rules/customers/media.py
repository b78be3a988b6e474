"""Files that customers send: which are copied to the desk, how their copies come to stand in the thread, and what else.

Rule 1: a file is brought beside everything else and shown in its message's turn; nothing waits for it but what its
        customer wrote after it, and that for `Rules.file_turn`: what comes later is shown when it comes.
Rule 2: whatever cannot be shown is told of, with the reason and the network's own address; never silence.
Rule 3: what runs out, a story above all, is never copied: its address is forgotten when its time is over.
"""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from bridge import lanes
from bridge.model.change import replace
from bridge.model.decision import Decision, Drop, Due, Go, Instead, NotYet, Scene
from bridge.model.effects import FetchMedia, LookForFile, Queued, RemoveFile, RemovePost, Revise, ShowFile
from bridge.model.ids import FileRef, PostRef
from bridge.model.outcomes import Done, Later, Outcome, Refused, Stored, Unsure
from bridge.model.state import Attachment, AttachmentState, Message
from bridge.rules.base import Context, nothing

COPIED = frozenset({"image", "sticker", "video", "audio", "file"})
"""Kinds of which the desk gets a file: what somebody sent to this account, and nobody else may ever see."""
REASONS = frozenset(
    """gone too_large refused_type forbidden_host slow unreachable no_room desk_refused desk_uploads_off desk_images_only
    desk_type desk_full desk_policy desk_too_large desk_scope never_shared
    empty led_on server_error other""".split()
)
"""Why a file is not shown: the endings of the wording catalogue's ``media.*``."""
STILL_COMING = timedelta(seconds=30)
"""A file's turn that has come before the file is asked for again so much later, or when the file is there."""
LATE = "late"
"""Why a file that is still to be brought is told of already: its turn is over. No reason for not showing it."""
UNDER_WAY = (AttachmentState.FETCHING, AttachmentState.STORED)
NOT_THERE = "not_there"
"""The desk has the file, and nobody has asked for it to be shown."""
LOST = "file_lost"
"""The desk has the file no more."""


# ── when a message comes ──────────────────────────────────────────────────────────────────────────────────


def taken(scene: Scene, message: Message, context: Context) -> tuple[Message, tuple[Queued, ...]]:
    """Return the message with its files on their way, where the account has them copied, and what that takes."""
    if scene.account.settings.media != "upload" or message.unsent_at is not None:
        return message, ()
    wanted = {each.seq for each in message.attachments if _is_copied(each)}
    if not wanted:
        return message, ()
    coming = tuple(
        replace(each, state=AttachmentState.FETCHING) if each.seq in wanted else each for each in message.attachments
    )
    message = replace(message, attachments=coming)
    soon = context.moment.steady + STILL_COMING
    turns = (replace(_turn(scene, message, seq, context), not_before=soon) for seq in sorted(wanted))
    return message, (*(_fetch(scene, message, seq) for seq in sorted(wanted)), *turns)


def _is_copied(attachment: Attachment) -> bool:
    address = attachment.address or ""
    ready = attachment.state is AttachmentState.LISTED and attachment.expires_at is None
    return ready and attachment.kind in COPIED and address.startswith(("https://", "http://"))


def _fetch(scene: Scene, message: Message, seq: int) -> Queued:
    """Bring it as soon as may be."""
    effect = FetchMedia(
        workspace=scene.workspace.id, conversation=scene.conversation.id, message=message.id, attachment=seq
    )
    return lanes.queue(effect, position=lanes.micros(message.at))


def _turn(scene: Scene, message: Message, seq: int, context: Context, *, again: bool = False) -> Queued:
    """Show it behind the message's own post and the files before it, which were queued at the same place before."""
    effect = ShowFile(
        workspace=scene.workspace.id,
        conversation=scene.conversation.id,
        message=message.id,
        attachment=seq,
        again=again,
        until=context.moment.steady + context.rules.file_turn,
    )
    return lanes.queue(effect, position=lanes.micros(message.at), place=scene.place)


# ── when their turn comes ─────────────────────────────────────────────────────────────────────────────────


def fetch_due(scene: Scene, effect: FetchMedia) -> Due:
    """Whether the file is still to be brought."""
    attachment = _of(scene, effect.attachment)
    coming = attachment is not None and attachment.state is AttachmentState.FETCHING
    return Go() if coming else Drop(why="no longer wanted")


def turn_due(scene: Scene, effect: ShowFile, context: Context) -> Due:
    """Whether the file can be shown: it may still be on its way."""
    message, attachment = scene.message, _of(scene, effect.attachment)
    if message is None or attachment is None or attachment.state not in UNDER_WAY:
        return Drop(why="no longer to be shown")
    if attachment.state is not AttachmentState.FETCHING:
        return Go()
    now, until = context.moment.steady, effect.until
    if until is not None and now < until:
        return NotYet(until=min(until, now + STILL_COMING), why="still coming")
    return Instead(decision=_late(scene, message, attachment), why=LATE)


def _late(scene: Scene, message: Message, attachment: Attachment) -> Decision:
    """Its line says that it will follow, with the address; what was written after it goes on."""
    told = replace(attachment, reason=LATE)
    return Decision(messages=(_with(message, told),), effects=(revised(scene, message),))


# ── how it ended ──────────────────────────────────────────────────────────────────────────────────────────


def ended(
    scene: Scene, effect: FetchMedia | ShowFile | LookForFile, outcome: Outcome, row: int, context: Context
) -> Decision:
    """What becomes true of a file once something was tried for it."""
    match effect:
        case FetchMedia():
            return fetched(scene, effect, outcome, context)
        case ShowFile():
            return shown(scene, effect, outcome, row, context)
        case LookForFile():
            return looked(scene, effect, outcome, context)
        case _:
            assert_never(effect)


def fetched(scene: Scene, effect: FetchMedia, outcome: Outcome, context: Context) -> Decision:
    """The desk has the file, or never will; its turn need not wait any longer."""
    attachment = _of(scene, effect.attachment)
    file = FileRef(outcome.remote_id) if isinstance(outcome, Stored) and outcome.remote_id else None
    if scene.message is None or attachment is None or attachment.state is not AttachmentState.FETCHING:
        return nothing("no longer wanted") if file is None else Decision(effects=(_removed(scene, file),))
    if file is None:
        return _failed(scene, scene.message, attachment, _reason(outcome), context)
    seconds = outcome.seconds if isinstance(outcome, Stored) else None
    there = replace(attachment, state=AttachmentState.STORED, file=file, seconds=seconds, reason=None)
    after = Decision(messages=(_with(scene.message, there),))
    if attachment.reason == LATE:
        # Its turn is over: it gets another one, and its line goes once it stands.
        turn = _turn(scene, scene.message, there.seq, context)
        return replace(after, effects=(turn, revised(scene, scene.message)))
    return replace(after, effects=(_hastened(scene, scene.message, there.seq, context),))


def shown(scene: Scene, effect: ShowFile, outcome: Outcome, row: int, context: Context) -> Decision:
    """It stands, or perhaps, or never will. That it stands is kept where posts are."""
    if isinstance(outcome, Unsure):
        return Decision(effects=(_look(scene, effect, outcome, row, context),))
    message, attachment = scene.message, _of(scene, effect.attachment)
    if message is None or attachment is None or attachment.state not in UNDER_WAY:
        return _taken_away(scene, attachment, outcome)
    match outcome:
        case Refused(code=code) if code == LOST and not effect.again:
            return _once_more(scene, message, attachment, context)
        case Refused() | Later():
            return _failed(scene, message, attachment, _reason(outcome), context)
        case _:
            return nothing("done")


def _look(scene: Scene, effect: ShowFile, outcome: Unsure, row: int, context: Context) -> Queued:
    look = LookForFile(
        workspace=scene.workspace.id,
        conversation=effect.conversation,
        message=effect.message,
        attachment=effect.attachment,
        row=row,
    )
    return lanes.queue(look, position=0, not_before=context.moment.steady + outcome.quiet)


def looked(scene: Scene, effect: LookForFile, outcome: Outcome, context: Context) -> Decision:
    """It was found to stand, or never to have been asked for, or nobody will ever see it."""
    message, attachment = scene.message, _of(scene, effect.attachment)
    wanted = attachment is not None and attachment.state in UNDER_WAY
    match outcome:
        case Done(remote_id=str(ref)):
            after = Decision() if wanted else _taken_away(scene, attachment, outcome)
            return replace(after, seen_rows=((effect.row, PostRef(ref)),))
        case Refused(code=code) if code == NOT_THERE and wanted:
            return Decision(unseen_rows=(effect.row,))
        case Refused() | Later():
            after = Decision()
            if message is not None and attachment is not None and wanted:
                after = _failed(scene, message, attachment, "never_shared", context)
            return replace(after, dropped_rows=(effect.row,))
        case _:
            return nothing("ended")


def never_seen(scene: Scene, effect: ShowFile) -> Decision:
    """Nobody can say whether it stands, and looking is of no use: its line says so, and what follows it goes on."""
    message, attachment = scene.message, _of(scene, effect.attachment)
    if message is None or attachment is None or attachment.state not in UNDER_WAY:
        return nothing("no longer to be shown")
    told = replace(attachment, state=AttachmentState.FAILED, reason="never_shared")
    return Decision(messages=(_with(message, told),), effects=(revised(scene, message),))


def left(scene: Scene, message: Message) -> tuple[Queued, ...]:
    """Take away what the desk has of a message that was taken back, and no post of it shows."""
    shown = {post.file for post in scene.posts}
    files = (each.file for each in message.attachments)
    return tuple(_removed(scene, file) for file in files if file is not None and file not in shown)


def stranded(scene: Scene, context: Context) -> Decision:
    """Nothing brings or shows these files any more, because an operator gave that up: the thread says so."""
    message = scene.message
    if message is None:
        return nothing("message is gone")
    given_up = [each for each in message.attachments if each.state in UNDER_WAY]
    decision = nothing("no longer under way")
    for each in given_up:
        failed = _failed(scene, message, each, "other", context)
        message = failed.messages[0]
        decision = replace(failed, effects=(*decision.effects, *failed.effects))
    return decision


def run_out(scene: Scene, context: Context) -> Decision:
    """What could be seen for a time can be seen no longer (F6, CT-37): its address is forgotten, its line says so."""
    message = scene.message
    if message is None:
        return nothing("message is gone")
    now = context.moment.now
    after = tuple(
        replace(each, state=AttachmentState.GONE, address=None, expires_at=None)
        if each.expires_at is not None and each.expires_at <= now
        else each
        for each in message.attachments
    )
    return Decision(messages=(replace(message, attachments=after),), effects=(revised(scene, message),))


# ── small things ──────────────────────────────────────────────────────────────────────────────────────────


def revised(scene: Scene, message: Message) -> Queued:
    """Have what was drawn of a message drawn anew, once it stands."""
    effect = Revise(workspace=scene.workspace.id, conversation=scene.conversation.id, message=message.id)
    return lanes.queue(effect, position=lanes.micros(message.at))


def _failed(scene: Scene, message: Message, attachment: Attachment, reason: str, context: Context) -> Decision:
    """Its line says why, with the address; what the desk has of it goes."""
    told = replace(attachment, state=AttachmentState.FAILED, reason=reason, file=None)
    effects = [_hastened(scene, message, attachment.seq, context), revised(scene, message)]
    if attachment.file is not None:
        effects.append(_removed(scene, attachment.file))
    return Decision(messages=(_with(message, told),), effects=tuple(effects))


def _once_more(scene: Scene, message: Message, attachment: Attachment, context: Context) -> Decision:
    """The desk forgets what was brought and never shown: it is brought again, once."""
    coming = replace(attachment, state=AttachmentState.FETCHING, file=None)
    queued = (_fetch(scene, message, attachment.seq), _turn(scene, message, attachment.seq, context, again=True))
    return Decision(messages=(_with(message, coming),), effects=queued)


def _taken_away(scene: Scene, attachment: Attachment | None, outcome: Outcome) -> Decision:
    """It was taken back while it was on its way into the thread: what came to stand there goes, and the file with it."""
    effects: list[Queued] = []
    ref = PostRef(outcome.remote_id) if isinstance(outcome, Done) and outcome.remote_id else None
    if ref is not None:
        remove = RemovePost(workspace=scene.workspace.id, ref=ref, conversation=scene.conversation.id)
        effects.append(lanes.queue(remove, position=0))
    if attachment is not None and attachment.file is not None:
        effects.append(_removed(scene, attachment.file))
    return Decision(effects=tuple(effects), unposted=() if ref is None else (ref,))


def _hastened(scene: Scene, message: Message, seq: int, context: Context) -> Queued:
    """Its turn need not wait, if it does."""
    return replace(_turn(scene, message, seq, context), once=True, not_before=context.moment.steady)


def _removed(scene: Scene, file: FileRef) -> Queued:
    effect = RemoveFile(workspace=scene.workspace.id, conversation=scene.conversation.id, file=file)
    return lanes.queue(effect, position=0)


def _of(scene: Scene, seq: int) -> Attachment | None:
    """The attachment; of a message that was taken back it is gone, and still knows the desk's file of it."""
    attachments = () if scene.message is None else scene.message.attachments
    return next((each for each in attachments if each.seq == seq), None)


def _with(message: Message, changed: Attachment) -> Message:
    return replace(
        message, attachments=tuple(changed if each.seq == changed.seq else each for each in message.attachments)
    )


def _reason(outcome: Outcome) -> str:
    match outcome:
        case Refused(code=code) if code in REASONS:
            return code
        case Later(why=why) if why in REASONS:
            return why
        case _:
            return "other"
