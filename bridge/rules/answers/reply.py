"""What an agent wrote, changed or took back: does it go to the customer, and if not, why not?

Rule 1: whoever wrote it, a message is kept once by its ref on the desk; what comes again changes nothing.
Rule 2: until the network has been called a deletion withdraws, an edit replaces, an edit into a note keeps inside.
        An edit during the call waits for its end: what did not go is tried again only with the newest words.
Rule 3: what stays inside or is refused bears a sign, and where a person would wonder, a line.
"""

from __future__ import annotations

from bridge import roles
from bridge.model.change import asdict, replace
from bridge.model.decision import Decision, Denied, Scene, Wait
from bridge.model.effects import Button, Queued
from bridge.model.facts import Act, AgentEdited, AgentWrote, PostDeleted
from bridge.model.ids import PersonRef
from bridge.model.state import Author, Message, PartState, ReplyState, Said, Sign, Value
from bridge.rules.acts import words
from bridge.rules.answers import lines, outgoing, questions, ways
from bridge.rules.answers.onward import NO_WORDS, on_its_way, parts_sent, refused, unsettled
from bridge.rules.base import Context, asks_who, nothing, signed, tell
from bridge.rules.customers import changes
from bridge.split import visible

SEND = Button(act=Act.SEND, label=Said(key="button.send"), style="primary")
KEEP = Button(act=Act.KEEP_INSIDE, label=Said(key="button.keep_inside"))

CORRECT = Button(act=Act.CORRECT, label=Said(key="button.correct"))
CHANGED_SINCE = Said(key="reply.edited_perhaps_sent")
CHANGED_AFTER = Said(key="reply.edited_after_send")


def agent_wrote(scene: Scene, fact: AgentWrote, context: Context, *, waited: bool) -> Decision:
    """A new message in a conversation's thread. *waited*: the time to learn who is named in it is over."""
    edited_at = fact.at if isinstance(fact, AgentEdited) else fact.changed_at
    message = scene.message
    if message is not None and fact.changed_at is not None:
        # Found after a gap, and changed in it: the words that are known may be old ones.
        changed = AgentEdited(**{**asdict(fact), "at": fact.changed_at, "changed_at": None})
        return agent_edited(scene, changed, context, waited=waited)
    if message is not None and (not _unchecked(message) or (message.edited_at is not None and edited_at is None)):
        return nothing("known")
    if message is None:
        message = heard(scene, fact, context)
    message = _as_told(scene, replace(message, edited_at=edited_at), fact)
    decision = considered(scene, message, fact, context, waited=waited)
    return replace(decision, effects=(*decision.effects, *_shown_the_way(scene, decision, context)))


def _as_told(scene: Scene, message: Message, fact: AgentWrote) -> Message:
    """The message with what it says and holds now."""
    text = ways.said(scene.account.settings, fact.text, fact.written_at or fact.at)
    return replace(message, text=text, attachments=outgoing.attached(fact, message))


def heard(scene: Scene, fact: AgentWrote, context: Context) -> Message:
    """What somebody wrote, as it is kept before anything is ruled on it."""
    return Message(
        id=context.message_id(),
        conversation=scene.conversation.id,
        author=Author.AGENT,
        at=fact.at,
        text=fact.text,
        attachments=outgoing.attached(fact, None),
        ref=fact.ref,
        thread=scene.thread.id if scene.thread else None,
        person=fact.person,
        state=ReplyState.NOTE,
    )


def _shown_the_way(scene: Scene, decision: Decision, context: Context) -> tuple[Queued, ...]:
    """Whoever answers in an earlier thread hears where the conversation goes on."""
    earlier, current = scene.thread, scene.conversation.thread
    if decision.wait or earlier is None or current is None or current.ref is None or earlier.id == current.id:
        return ()
    goes = [each for each in decision.messages if each.state in (ReplyState.WAITING, ReplyState.ASKING)]
    said = Said(key="reply.earlier_thread", values={"link": current.ref})
    return tuple(line for message in goes for line in tell(scene, message, said, context))


def agent_edited(scene: Scene, fact: AgentEdited, context: Context, *, waited: bool) -> Decision:
    """A message changed; until the network was called the new words count, afterwards its author is told."""
    message = scene.message
    if message is None or (_unchecked(message) and fact.at >= (message.edited_at or message.at)):
        return agent_wrote(scene, fact, context, waited=waited)
    if message.edited_at is not None and fact.at <= message.edited_at:
        return nothing("an older edit")
    told = _as_told(scene, message, fact)
    # What has gone to the customer keeps its files there, whatever becomes of them here.
    same = message.text == told.text and (message.state is ReplyState.SENT or outgoing.same_files(message, fact))
    settled = message.state is not ReplyState.REFUSED and not ways.unmarked(message)
    if same and settled and not _lost_its_mark(scene, message, fact):
        return nothing("same words")
    if _on_the_wire(scene, message):
        # What comes of it decides: the customer has the earlier words, or the next try sends these.
        return Decision(wait=Wait(until=context.moment.steady + context.rules.fact_wait, missing="send", free=True))
    message = replace(message, edited_at=fact.at)
    match message.state:
        case ReplyState.NOTE:
            return _inside_edited(scene, _as_told(scene, message, fact), fact, context, waited=waited)
        case ReplyState.WAITING | ReplyState.ASKING | ReplyState.REFUSED if not called(scene, message):
            fresh = replace(_as_told(scene, message, fact), parts=(), split=False, smaller=False)
            return replace(considered(scene, fresh, fact, context, waited=waited), withdrawn=(message.id,))
        case ReplyState.WITHDRAWN:
            return nothing("withdrawn")
        case ReplyState.WAITING if parts_sent(message):
            said = Said(key="reply.edited_some_sent", values=_progress(message))
            return Decision(messages=(message,), effects=tell(scene, message, said, context, written=fact.at))
        case _ if any(part.state is PartState.UNSURE for part in message.parts):
            why = tell(scene, message, CHANGED_SINCE, context, written=fact.at)
            return Decision(messages=(replace(message, reason=CHANGED_SINCE),), effects=why)
        case _:
            # What was kept back of the earlier words is under other words now, perhaps a note: it never goes.
            ended = replace(message, reason=CHANGED_AFTER) if message.state is ReplyState.REFUSED else message
            why = tell(scene, message, CHANGED_AFTER, context, written=fact.at, buttons=(CORRECT,))
            return Decision(messages=(ended,), effects=why)


def _lost_its_mark(scene: Scene, message: Message, fact: AgentEdited) -> bool:
    """Whether what waits was meant for the customer and says now, with the same words, that it is not."""
    waits = message.state in (ReplyState.WAITING, ReplyState.ASKING)
    return waits and ways.words(scene.account.settings, fact.text, fact.written_at or fact.at) is None


def _inside_edited(scene: Scene, message: Message, fact: AgentEdited, context: Context, *, waited: bool) -> Decision:
    """A message that is inside has these words now: it goes only where it lacked the mark, and has got it."""
    unmarked = ways.unmarked(message)
    if unmarked and scene.account.settings.answer_mode == "explicit":
        return considered(scene, message, fact, context, waited=waited)
    if fact.note or ways.is_note(scene.account.settings, fact.text):
        # Whatever kept it inside until now: a note is sent by nobody.
        return Decision(messages=(replace(message, reason=ways.NOTE),))
    if unmarked or fact.automatic or fact.mentions_bridge:
        return Decision(messages=(message,))
    key = "reply.inside_edited" if ways.sendable(scene.account.settings, message) else "reply.note_edited"
    told = tell(scene, message, Said(key=key), context, written=fact.at)
    return Decision(messages=(message,), effects=told)


def post_deleted(scene: Scene, fact: PostDeleted, context: Context) -> Decision:
    """An agent took a message back, or somebody deleted a thread's root."""
    if scene.thread is not None and scene.thread.ref == fact.ref:
        over = changes.card_over(fact.workspace, scene.conversation.id, context)
        return Decision(threads=(replace(scene.thread, gone=True),), alerts=(over,))
    message = scene.message
    if message is None:
        # The deletion overtook the message: keep it as withdrawn, so that the late message is known and never goes.
        gone = Message(
            id=context.message_id(),
            conversation=scene.conversation.id,
            author=Author.AGENT,
            at=fact.at,
            text=None,
            ref=fact.ref,
            thread=scene.thread.id if scene.thread else None,
            state=ReplyState.WITHDRAWN,
        )
        return Decision(messages=(gone,))
    if message.author is not Author.AGENT or message.state is ReplyState.WITHDRAWN:
        return nothing("not an answer")
    if message.state is ReplyState.SENT and message.sign is None:
        return nothing("told already")
    if message.state is ReplyState.SENT:
        said = Said(key="reply.deleted_after_send")
        # Its sign went with it, which tells a later reading of the thread that this is known.
        told = tell(scene, message, said, context, question=True)
        return Decision(messages=(replace(message, sign=None),), effects=told)
    if message.state is ReplyState.UNSURE:
        return nothing("its author is being asked whether it arrived")
    # The sign went with the message.
    gone = replace(message, state=ReplyState.WITHDRAWN, sign=None)
    if not called(scene, message):
        gone = replace(gone, text=None, parts=(), attachments=())
    # What is on the wire keeps its words until its answer has come: the echo is known by them.
    said = Said(key="reply.deleted_some_sent", values=_progress(message))
    told = tell(scene, message, said, context, question=True) if parts_sent(message) else ()
    return Decision(messages=(gone,), withdrawn=(message.id,), effects=told)


def _progress(message: Message) -> dict[str, Value]:
    return {"sent": parts_sent(message), "parts": len(message.parts)}


def called(scene: Scene, message: Message) -> bool:
    """Whether the network may have any part of it."""
    on_the_way = any(sending.message.id == message.id for sending in scene.sending)
    return on_the_way or any(part.state in (PartState.SENT, PartState.UNSURE) for part in message.parts)


def _on_the_wire(scene: Scene, message: Message) -> bool:
    """Whether the network is being called for the first time with it, so that nobody can say what the customer has."""
    if message.state is not ReplyState.WAITING or parts_sent(message):
        return False
    return any(sending.message.id == message.id and sending.unsure_since is None for sending in scene.sending)


def considered(scene: Scene, message: Message, fact: AgentWrote, context: Context, *, waited: bool) -> Decision:
    """Rule on words as they stand: inside, refused, asked about, or on their way."""
    inside = _inside(scene, message, fact, context)
    if inside is not None:
        return inside
    return _answered(scene, message, fact, context, waited=waited)


def _inside(scene: Scene, message: Message, fact: AgentWrote, context: Context) -> Decision | None:
    """What is not meant for the customer, whoever wrote it."""
    if fact.automatic or fact.note or fact.was_note or ways.is_note(scene.account.settings, fact.text):
        reason = Said(key="not_relayed.automatic") if fact.automatic else ways.NOTE
        return kept_inside(scene, message, reason, context)
    if fact.mentions_bridge:
        told = tell(scene, message, words.helped(fact.command), context)
        decision = kept_inside(scene, message, Said(key="not_relayed.mentions_bridge"), context)
        return replace(decision, effects=(*decision.effects, *told))
    if not fact.meant and ways.words(scene.account.settings, fact.text, fact.written_at or fact.at) is None:
        return _unmarked(scene, message, fact, context)
    if fact.shared:
        return kept_inside(scene, message, ways.SHARED, context)
    if message.person is None:
        return kept_inside(scene, message, Said(key="not_relayed.automatic"), context)
    return None


def _unmarked(scene: Scene, message: Message, fact: AgentWrote, context: Context) -> Decision:
    """What lacks the mark stays inside; who has perhaps misspelt it hears so, and can send it."""
    settings = scene.account.settings
    decision = kept_inside(scene, message, ways.UNMARKED_FILE if fact.files else ways.UNMARKED, context)
    if ways.perhaps(settings, fact.text, fact.written_at or fact.at) is None:
        return decision
    said = Said(key="reply.sign_meant", values={"sign": settings.explicit_sign})
    told = tell(scene, message, said, context, buttons=(ways.SEND_INSIDE,), written=fact.at)
    return replace(decision, effects=(*decision.effects, *told))


def _answered(scene: Scene, message: Message, fact: AgentWrote, context: Context, *, waited: bool) -> Decision:
    """What is meant for the customer: may it go, and does it go at once?"""
    if message.person is None:
        raise ValueError("an answer has an author")
    unknown = missing(scene, message.person)
    if unknown and not (waited and roles.is_named(message.person, roles.accounts_of(scene), scene.known)):
        return _checked_first(scene, message, unknown, context)
    if fact.foreign and not roles.is_named(message.person, roles.accounts_of(scene), scene.known):
        return refused(scene, message, Denied(said=Said(key="reply.other_company")), context)
    ruling = roles.may_act(message.person, scene)
    if isinstance(ruling, Denied):
        return refused(scene, message, ruling, context)
    if (bar := outgoing.barred(message)) is not None:
        return refused(scene, message, bar, context)
    if not visible(message.text or "") and not message.attachments:
        return refused(scene, message, NO_WORDS, context)
    if (question := questions.before(scene, message, fact, context)) is not None:
        return _asked(scene, message, question, context)
    return _stoppable(scene, on_its_way(scene, message, context, new=True), fact, context)


def _stoppable(scene: Scene, decision: Decision, fact: AgentWrote, context: Context) -> Decision:
    """Where answers rest so that they can be stopped, their author is told for how long."""
    settings, (message, *_) = scene.account.settings, decision.messages
    known = scene.message is not None and scene.message.state is ReplyState.WAITING and scene.message.parts
    if settings.answer_mode != "undo" or message.state is not ReplyState.WAITING or known:
        return decision
    said = Said(key="reply.can_be_stopped", values={"seconds": settings.undo_seconds})
    told = tell(scene, message, said, context, buttons=(ways.STOP,), written=fact.at)
    return replace(decision, effects=(*decision.effects, *told))


def _unchecked(message: Message) -> bool:
    """Whether it waits until the desk has said who wrote it: of an answer that may go there is always a part."""
    return message.state is ReplyState.WAITING and not message.parts


def _checked_first(scene: Scene, message: Message, missing: tuple[Queued, ...], context: Context) -> Decision:
    """It waits, with its hourglass, for as long as the desk cannot say whether its author may answer."""
    wait = Wait(until=context.moment.steady + context.rules.fact_wait, missing="person")
    if scene.message is not None and _unchecked(scene.message):
        return Decision(wait=wait, effects=missing)
    message, cleared = unsettled(scene, message, context)
    kept = replace(message, state=ReplyState.WAITING, reason=None, parts=(), queued_at=context.moment.steady)
    return Decision(messages=(kept,), wait=wait, effects=(*cleared, *missing))


def missing(scene: Scene, *who: PersonRef) -> tuple[Queued, ...]:
    """What asks the desk who somebody is, where that is not known."""
    found = [roles.unknown_to(each, scene) for each in dict.fromkeys(who)]
    groups = dict.fromkeys(group for _, unknown in found for group in unknown)
    return asks_who(scene.workspace.id, [each for each, _ in found if each is not None], groups)


def kept_inside(scene: Scene, message: Message, reason: Said, context: Context) -> Decision:
    """It stays inside, with the lock."""
    message, signs = signed(scene, replace(message, state=ReplyState.NOTE, reason=reason), Sign.INSIDE, context)
    return Decision(messages=(message,), effects=signs)


def _asked(scene: Scene, message: Message, said: Said, context: Context) -> Decision:
    """Hold it and ask its author; the same question is not asked twice."""
    again = message.state is ReplyState.ASKING and lines.bare(message.reason) == said
    asking = replace(message, state=ReplyState.ASKING, reason=said, queued_at=context.moment.steady)
    if again:
        return Decision(messages=(asking,))
    question = tell(scene, asking, said, context, buttons=(SEND, KEEP), question=True)
    return Decision(messages=(asking,), effects=question)
