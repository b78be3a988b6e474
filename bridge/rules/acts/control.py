"""Which app may answer a customer: ours, or another one of the account; and what agents do about it.

Rule 1: the newest event counts. Where the network names the app, that decides; else whether events reach us as to one who
        stands by. That an app has been silent for long says nothing.
Rule 2: while another app has a conversation nothing is sent (`bridge.policy.may_send`); who wrote is told, and may take over.
Rule 3: a conversation moves by a person's word alone, and the card has the buttons for it.
"""

from __future__ import annotations

from datetime import datetime

from bridge import lanes
from bridge.model.change import replace
from bridge.model.decision import Decision, Drop, Due, Go, Instead, Scene
from bridge.model.effects import LearnApp, Move, MoveControl, Queued, TellPerson
from bridge.model.facts import Act, AppLearnt, ControlMoved, ControlWanted, CustomerWrote, EchoHeard, Handover, Pressed
from bridge.model.outcomes import Done, Later, Outcome, Refused
from bridge.model.state import OWN_INBOXES, Control, Conversation, Message, ReplyState, Said, Value
from bridge.rules.answers.onward import let_go, on_its_way
from bridge.rules.base import Context, card, line, nothing

TAKEN, PASSED, RELEASED = "thread.taken_over", "thread.handed_over", "thread.released"
OTHER, OURS, WANTED = "thread.control_other", "thread.control_ours", "thread.control_wanted"


# ── what the network tells ────────────────────────────────────────────────────────────────────────────────


def decide(scene: Scene, fact: ControlMoved | ControlWanted | AppLearnt, context: Context) -> Decision:
    """What the network tells of the apps that may answer."""
    match fact:
        case ControlMoved():
            return moved(scene, fact, context)
        case ControlWanted():
            return wanted(scene, fact, context)
        case AppLearnt():
            return app_learnt(scene, fact, context)


def moved(scene: Scene, fact: ControlMoved, context: Context) -> Decision:
    """The network says who has the conversation from now on."""
    if _older(scene.conversation, fact.at):
        return nothing("an older move")
    # Where we do not know our own id: who gets a conversation hears that it was passed; who loses it, that it was taken.
    by_role = fact.how is Handover.TAKEN or fact.standby
    away = _others(fact.owner, context) if context.rules.apps else by_role
    app = fact.owner if away else fact.previous if _others(fact.previous, context) else scene.conversation.controller
    after = replace(
        scene.conversation,
        control=Control.OTHER if away else Control.OURS,
        controller=app,
        control_at=fact.at,
        wanted_by=None,
    )
    return Decision(conversation=after, effects=_told(scene, after, context))


def wanted(scene: Scene, fact: ControlWanted, context: Context) -> Decision:
    """Another app asks for the conversation: the card asks the agents."""
    if fact.app is None or not _others(fact.app, context) or _older(scene.conversation, fact.at):
        return nothing("nobody of another app asks")
    if fact.app == scene.conversation.wanted_by:
        return nothing("asked already")
    after = replace(scene.conversation, wanted_by=fact.app)
    told = _line_about(scene, Said(key=WANTED, values={"app": fact.app}), fact.app, fact.at, context)
    return Decision(conversation=after, effects=(*told, card(scene, context)))


def heard(conversation: Conversation, fact: CustomerWrote | EchoHeard) -> Conversation:
    """The conversation after what the network told us of it, which also tells in what role we were told it."""
    if _older(conversation, fact.at):
        return conversation
    if fact.standby:
        app = fact.app if isinstance(fact, EchoHeard) else None
        had = conversation.controller if conversation.control is Control.OTHER else None
        return replace(conversation, control=Control.OTHER, controller=app or had, control_at=fact.at)
    asks = isinstance(fact, CustomerWrote) and fact.opener is not None and not fact.found_later
    if asks and conversation.control is Control.OTHER:
        return replace(conversation, control=Control.OURS, control_at=fact.at, wanted_by=None)
    return conversation


def told_of(scene: Scene, after: Conversation, context: Context) -> tuple[Queued, ...]:
    """A line for what `heard` has changed."""
    if after.control is scene.conversation.control:
        return ()
    at = after.control_at or context.moment.now
    return _line_about(replace(scene, conversation=after), _who(after), after.controller, at, context)


def lost(scene: Scene, context: Context) -> tuple[Conversation, tuple[Queued, ...]]:
    """The network refused an answer because another app has the conversation; which one, it does not say."""
    had = scene.conversation.controller if scene.conversation.control is Control.OTHER else None
    after = replace(scene.conversation, control=Control.OTHER, controller=had, control_at=context.moment.now)
    return after, _told(scene, after, context)


def app_learnt(scene: Scene, fact: AppLearnt, context: Context) -> Decision:
    """Another app has a name, or is known to have none that we may read."""
    spoken_of = (scene.conversation.controller, scene.conversation.wanted_by, scene.conversation.answered_app)
    redraw = (card(scene, context),) if fact.app in spoken_of else ()
    return Decision(apps=((fact.app, fact.name),), effects=redraw)


def learnt(scene: Scene, app: str | None, context: Context) -> tuple[Queued, ...]:
    """Ask once what an app is called."""
    if app is None or app in OWN_INBOXES or app in (scene.apps or {}):
        return ()
    effect = LearnApp(
        workspace=scene.workspace.id, conversation=scene.conversation.id, account=scene.account.id, app=app
    )
    return (lanes.queue(effect, position=lanes.micros(context.moment.steady)),)


# ── what agents do ────────────────────────────────────────────────────────────────────────────────────────


def pressed(scene: Scene, fact: Pressed, context: Context) -> tuple[Decision, Said]:
    """A button about who answers, and what its presser reads."""
    talk = scene.conversation
    match fact.act:
        case Act.TAKE_OVER if talk.control is Control.OURS:
            return _sent_at_once(scene, context)
        case Act.TAKE_OVER:
            return _move(scene, fact, Move.TAKE), Said(key="reply.taking_over")
        case Act.HAND_BACK if talk.control is Control.OTHER:
            return nothing("another's already"), Said(key="reply.control_other")
        case Act.HAND_BACK:
            back = Move.RELEASE if talk.controller is None else Move.GIVE
            return _move(scene, fact, back, talk.controller), Said(key="reply.handing_over")
        case Act.HAND_OVER if talk.wanted_by is not None:
            return _move(scene, fact, Move.GIVE, talk.wanted_by), Said(key="reply.handing_over")
        case Act.KEEP_THREAD if talk.wanted_by is not None:
            kept = Decision(conversation=replace(talk, wanted_by=None), effects=(card(scene, context),))
            return kept, Said(key="reply.control_kept")
        case _:
            return nothing("answered already"), Said(key="reply.control_answered")


def _sent_at_once(scene: Scene, context: Context) -> tuple[Decision, Said]:
    """There is nothing to take over any more: what waited for that goes."""
    message = scene.message
    if message is None or not _waits(message):
        return nothing("ours already"), Said(key="reply.control_ours")
    decision = on_its_way(scene, message, context)
    reason = decision.messages[0].reason
    return decision, Said(key="reply.retry") if reason is None else reason


def _move(scene: Scene, fact: Pressed, move: Move, app: str | None = None) -> Decision:
    message = scene.message if move is Move.TAKE else None
    effect = MoveControl(
        workspace=scene.workspace.id,
        conversation=scene.conversation.id,
        account=scene.account.id,
        move=move,
        person=fact.person,
        app=app,
        message=message.id if message is not None and _waits(message) else None,
    )
    return Decision(effects=(lanes.queue(effect, position=lanes.micros(fact.at)),))


def due(scene: Scene, effect: MoveControl | LearnApp, context: Context) -> Due:
    """Whether it has not moved so meanwhile; then what waited for that goes at once. A name is asked for once."""
    if isinstance(effect, LearnApp):
        return Drop(why="known") if effect.app in (scene.apps or {}) else Go()
    there = Control.OURS if effect.move is Move.TAKE else Control.OTHER
    if scene.conversation.control is not there:
        return Go()
    if effect.message is None:
        return Drop(why="there already")
    decision = _sent_at_once(scene, context)[0]
    own = scene.message is None or scene.message.person == effect.person
    going = decision.effects if own else let_go(decision.effects, effect.person)
    return Instead(decision=replace(decision, effects=going), why="there already")


def move_ended(scene: Scene, effect: MoveControl, outcome: Outcome, context: Context) -> Decision:
    """The conversation has moved, or the network would not move it."""
    match outcome:
        case Done():
            return _has_moved(scene, effect, context)
        case Refused(why=why, code=code):
            return Decision(effects=_tell(scene, effect, f"error.{why}", code, context))
        case Later(last=last, why=why):
            return Decision(effects=_tell(scene, effect, f"error.{last}", why, context))
        case _:
            return nothing("not known")


def _has_moved(scene: Scene, effect: MoveControl, context: Context) -> Decision:
    talk, took = scene.conversation, effect.move is Move.TAKE
    there = Control.OURS if took else Control.OTHER
    after = replace(
        talk,
        control=there,
        controller=talk.controller if took else effect.app,
        control_at=max(context.moment.now, talk.control_at or context.moment.now),
        wanted_by=None,
    )
    effects: tuple[Queued, ...] = (card(scene, context),)
    if talk.control is not there:
        key = {Move.TAKE: TAKEN, Move.GIVE: PASSED, Move.RELEASE: RELEASED}[effect.move]
        values: dict[str, Value] = {"agent": effect.person} | ({"app": effect.app} if effect.app else {})
        effects = (*line(scene, Said(key=key, values=values), context.moment.now), *effects)
    decision = Decision(conversation=after, effects=effects)
    waits = scene.message
    if waits is None or not took or not _waits(waits):
        return decision
    sent = on_its_way(replace(scene, conversation=after), waits, context)
    going = sent.effects if waits.person == effect.person else let_go(sent.effects, effect.person)
    return replace(decision, messages=sent.messages, effects=(*effects, *going))


def _tell(scene: Scene, effect: MoveControl, why_key: str, code: str, context: Context) -> tuple[Queued, ...]:
    thread = scene.conversation.thread
    about = scene.message.ref if scene.message is not None else None if thread is None else thread.ref
    if about is None:
        return ()
    said = Said(key="reply.control_refused", values={"why_key": why_key, "code": code})
    told = TellPerson(
        workspace=scene.workspace.id,
        conversation=scene.conversation.id,
        person=effect.person,
        said=said,
        about=about,
        root=None if thread is None else thread.ref,
        at=context.moment.now,
    )
    return (lanes.queue(told, position=lanes.micros(context.moment.steady)),)


# ── small things ──────────────────────────────────────────────────────────────────────────────────────────


def _told(scene: Scene, after: Conversation, context: Context) -> tuple[Queued, ...]:
    """The card, and a line where it is another's turn now."""
    if after.control is scene.conversation.control:
        return (card(scene, context),)
    at = after.control_at or context.moment.now
    return (*_line_about(scene, _who(after), after.controller, at, context), card(scene, context))


def _line_about(scene: Scene, said: Said, app: str | None, at: datetime, context: Context) -> tuple[Queued, ...]:
    """A line that names an app; what it is called is asked for first, and a line stays as it was posted."""
    asked = learnt(scene, app, context)
    rest = context.moment.steady + context.rules.introduction if asked else None
    return (*asked, *(replace(each, not_before=rest) for each in line(scene, said, at)))


def _who(conversation: Conversation) -> Said:
    values: dict[str, Value] = {} if conversation.controller is None else {"app": conversation.controller}
    return Said(key=OTHER if conversation.control is Control.OTHER else OURS, values=values)


def _waits(message: Message) -> bool:
    """Whether an answer, or the rest of it, did not go because another app had the conversation, and for nothing else."""
    why = message.reason
    if message.state is not ReplyState.REFUSED or why is None:
        return False
    return why.key == "reply.other_app" or why.values.get("why_key") == "error.other_app"


def _others(app: str | None, context: Context) -> bool:
    return app is not None and app not in context.rules.apps


def _older(conversation: Conversation, at: datetime) -> bool:
    return conversation.control_at is not None and at < conversation.control_at
