"""How an answer gets on its way, part by part, or is refused; and what its author is told then."""

from __future__ import annotations

from datetime import timedelta

from bridge import lanes, policy
from bridge.model.change import replace
from bridge.model.decision import Decision, Denied, Scene
from bridge.model.effects import Button, Queued, SendToCustomer
from bridge.model.facts import Act
from bridge.model.ids import PersonRef, RemoteId
from bridge.model.state import Message, Part, PartState, ReplyState, Said, Sign, Value
from bridge.rules.answers import outgoing, ways
from bridge.rules.base import Context, signed, tell, unsigned
from bridge.split import graphemes

RETRY = Button(act=Act.RETRY, label=Said(key="button.retry"))
TAKE_OVER = Button(act=Act.TAKE_OVER, label=Said(key="button.take_over_and_send"))
SEND_SMALLER = Button(act=Act.SEND_SMALLER, label=Said(key="button.send_smaller"), style="primary")
EDIT = Button(act=Act.EDIT, label=Said(key="button.edit"))
DETAILS = Button(act=Act.DETAILS, label=Said(key="button.details"))
UNQUOTED = Button(act=Act.UNQUOTE, label=Said(key="button.unquote"), style="primary")
SEND_TAGGED = Button(act=Act.RETRY, label=Said(key="button.send_tagged"), style="primary")

NO_WORDS = Denied(said=Said(key="reply.empty"))

REASONS = {
    "reply.window_closed": "error.window",
    "reply.window_ended_early": "error.window",
    "reply.window_moved": "error.window",
    "reply.ad_window_ended_early": "error.window",
    "reply.ad_window_moved": "error.window",
    "reply.never_wrote": "error.window",
    "reply.other_app": "error.other_app",
    "reply.account_paused": "error.account_paused",
    "reply.blocked": "error.customer_blocked",
    "reply.not_agent": "error.author_barred",
    "reply.guest": "error.author_barred",
    "reply.other_company": "error.author_barred",
    "reply.no_member": "error.author_barred",
    "reply.account_removed": "error.account_removed",
    "reply.file_kind": "error.media_kind",
    "reply.file_too_large": "error.media_too_large",
    "reply.file_picture_large": "error.media_too_large",
    "reply.file_picture_large_drawn": "error.media_too_large",
    "reply.file_gone": "error.file_gone",
    "reply.file_unreadable": "error.file_unreadable",
    "reply.file_forbidden": "error.file_unreadable",
}
"""Refusals that are sentences of their own, as the reason inside another sentence."""


def parts_sent(message: Message) -> int:
    """How many parts of a reply the network has."""
    return sum(1 for part in message.parts if part.state is PartState.SENT)


def refused(scene: Scene, message: Message, why: Denied, context: Context) -> Decision:
    """It does not go, or the rest of it does not; its author is told why, and gets the button that helps."""
    buttons: tuple[Button, ...] = (RETRY,) if why.retry else ()
    sign = Sign.REFUSED
    match why.said:
        case Said(key="reply.too_long", values=values):
            label = Said(key="button.send_as_n", values={"count": values["parts"]})
            buttons = (Button(act=Act.SEND_SPLIT, label=label, style="primary"), EDIT)
        case Said(key="reply.too_long_one"):
            label = Said(key="button.send_whole")
            buttons = (Button(act=Act.SEND_SPLIT, label=label, style="primary"), EDIT)
        case Said(key="reply.window_moved" | "reply.ad_window_moved"):
            buttons = (SEND_TAGGED,)
        case Said(key="reply.file_picture_large" | "reply.file_picture_large_drawn"):
            buttons, sign = (SEND_SMALLER,), Sign.WAITING  # it is a question: its author's word is waited for
        case Said(key="reply.other_app"):
            buttons = (TAKE_OVER, RETRY)
        case Said(key="reply.quote_gone" | "reply.quote_refused"):
            buttons = (UNQUOTED,)
        case _:
            pass
    if any(part.answer is not None for part in message.parts):
        buttons = (*buttons, DETAILS)
    if parts_sent(message):
        why = replace(why, said=_of_part(message, why.said))
    asked = context.moment.steady if sign is Sign.WAITING else None
    message, signs = signed(
        scene, replace(message, state=ReplyState.REFUSED, reason=why.said, queued_at=asked), sign, context
    )
    return Decision(messages=(message,), effects=(*signs, *tell(scene, message, why.said, context, buttons=buttons)))


def _of_part(message: Message, why: Said) -> Said:
    """How far it came, and why no further."""
    seq = next((part.seq for part in message.parts if part.state is not PartState.SENT), len(message.parts))
    reason = why.values.get("why_key") or REASONS.get(why.key, "error.unknown")
    code: dict[str, Value] = {"code": why.values["code"]} if "code" in why.values else {}
    values: dict[str, Value] = {"part": seq, "parts": len(message.parts), "why_key": reason}
    return Said(key="reply.refused_part", values=values | code)


def on_its_way(scene: Scene, message: Message, context: Context, *, new: bool = False) -> Decision:
    """Into the outbox, part by part, after its rest; or refused, if length or window say so.

    new: nobody has agreed yet that it goes, and it rests for as long as the account's agents may stop it.
    """
    message = replace(message, signature=ways.signature(scene, message))
    texts = policy.parts_of(message, scene.account.platform, context.rules.wire)
    total = len(texts) + len(message.attachments)
    if not total or (not texts and outgoing.worded(message) > 0):  # its words may be gone, erased by age
        return refused(scene, message, NO_WORDS, context)
    if (bar := outgoing.barred(message)) is not None:
        return refused(scene, message, bar, context)
    if (long := _too_long(scene, message, len(texts))) is not None:
        return refused(scene, message, Denied(said=long), context)
    ruling = policy.may_answer(scene, context.moment.now)
    if isinstance(ruling, Denied):
        return refused(scene, message, ruling, context)
    if ruling.comment is not None and (total > 1 or message.attachments):
        return refused(scene, message, one_only(scene, message, context), context)
    before = {part.seq: part for part in message.parts if part.of == total}
    parts = tuple(
        before[seq] if seq in before and before[seq].state is PartState.SENT else Part(seq=seq, of=total)
        for seq in range(1, total + 1)
    )
    message, cleared = unsettled(scene, message, context)
    waiting = replace(message, state=ReplyState.WAITING, reason=None, parts=parts, queued_at=context.moment.steady)
    rest = ways.rest(scene.account.settings, context) if new else context.rules.rest
    due = context.moment.steady + rest
    first = outgoing.prepares(scene, waiting, context.moment.now, due)
    going = sends(scene, waiting, context, ruling.comment, rest)
    return Decision(messages=(waiting,), effects=(*cleared, *first, *going))


def let_go(effects: tuple[Queued, ...], by: PersonRef | None) -> tuple[Queued, ...]:
    """Effects whose answers go on somebody's word who is not their author; None: on their authors'."""
    if by is None:
        return effects
    return tuple(
        replace(each, effect=replace(each.effect, by=by)) if isinstance(each.effect, SendToCustomer) else each
        for each in effects
    )


def _too_long(scene: Scene, message: Message, parts: int) -> Said | None:
    if parts > policy.MOST_PARTS:
        values: dict[str, Value] = {"count": graphemes(message.text or ""), "parts": policy.MOST_PARTS}
        return Said(key="reply.far_too_long", values=values)
    count = policy.too_long(message, scene.account)
    if count is None:
        return None
    values = {"count": count, "maximum": scene.account.settings.ceiling, "parts": parts}
    # The network may take in one message what the ceiling asks about: then nothing is sent in parts.
    return Said(key="reply.too_long" if parts > 1 else "reply.too_long_one", values=values)


def unsettled(scene: Scene, message: Message, context: Context) -> tuple[Message, tuple[Queued, ...]]:
    """A new try takes the old ending's sign away; the hourglass may stay."""
    if message.sign in (None, Sign.WAITING):
        return message, ()
    return unsigned(scene, message, context)


def one_only(scene: Scene, message: Message, context: Context) -> Denied:
    """To a comment one message may go, of words, and what an agent wrote is more than that."""
    if message.attachments:
        return Denied(said=Said(key="reply.comment_file"))
    limit = context.rules.wire[scene.account.platform]
    values: dict[str, Value] = {"maximum": limit.maximum}
    if limit.unit == "bytes":
        # Kana take three bytes each, which is what an agent can count.
        values |= {"bytes": len((message.text or "").encode()), "characters": limit.maximum // 3}
        return Denied(said=Said(key="reply.comment_too_long_bytes", values=values))
    return Denied(said=Said(key="reply.comment_too_long", values=values | {"count": graphemes(message.text or "")}))


def sends(
    scene: Scene,
    message: Message,
    context: Context,
    comment: RemoteId | None = None,
    rest: timedelta | None = None,
) -> tuple[Queued, ...]:
    """The sends of what is not yet sent, in the place of the message among the agents' answers.

    comment: what it is the private reply to. rest: how long it rests first; None: as long as every answer.
    """
    due = context.moment.steady + (context.rules.rest if rest is None else rest)
    return tuple(
        lanes.queue(
            SendToCustomer(
                workspace=scene.workspace.id,
                conversation=scene.conversation.id,
                account=scene.account.id,
                message=message.id,
                part=part.seq,
                comment=comment,
                film=outgoing.is_film(message, part.seq),
            ),
            position=lanes.micros(message.at),
            not_before=due,
        )
        for part in message.parts
        if part.state is PartState.READY
    )
