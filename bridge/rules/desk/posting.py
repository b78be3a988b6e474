"""How effects on the desk end, and whether a waiting effect is still due.

Rule 1: a post that may be repeated is looked for first; a reply to a deleted root gets a new root, never a loose post.
Rule 2: what the desk refuses as drawn is said plainly; what it refuses even so is an incident, never silence.
"""

from __future__ import annotations

from datetime import timedelta

from bridge import lanes
from bridge.model.change import replace
from bridge.model.decision import Decision, Hold, Scene
from bridge.model.effects import (
    AnyEffect,
    LearnPerson,
    LookForPost,
    PostAlert,
    PostAside,
    PostLine,
    PostMessage,
    PostRoot,
    PostTicket,
    Queued,
    RedrawCard,
    RemovePost,
    TellPerson,
)
from bridge.model.facts import AlertDue
from bridge.model.ids import PlaceRef, PostRef, place_of_post
from bridge.model.outcomes import Held, Later, Refused, Unsure
from bridge.model.state import Account, Incident, Message, Said, Thread, Value
from bridge.rules.acts import work
from bridge.rules.answers import automatic
from bridge.rules.base import Context, card, is_current, line, nothing, retold, told_at_card, with_thread
from bridge.rules.desk.places import alerts_place, desk_key, place_key, unusable

PICTURE = "picture"
NO_BROADCAST = "no_broadcast"
OUT_OF_REACH = "out_of_reach"
"""Why somebody cannot be told directly, for good: they have left, or take nothing from us."""
DEGRADABLE = ("invalid_blocks", PICTURE)
FRESH_ROOTS = 2
"""So many new roots in a row are put up at once for one post that no thread takes."""
ROOT_AGAIN = timedelta(minutes=5)
"""A root that the desk would not take, or that takes no replies, is tried again this much later."""
ROOTLESS = "no root stands"
"""Why something waits until one does."""
NOT_SEEN = Refused(code="not_seen", why="desk_not_seen")


def post_refused(
    scene: Scene, effect: AnyEffect, outcome: Refused, row: int, position: int, attempts: int, context: Context
) -> Decision:
    """The desk will not take it so: another thread, plainer, or an incident. *attempts*: before this one."""
    match effect:
        case LookForPost(row=lost) if outcome.code == "thread_gone":
            return Decision(unseen_rows=(lost,))
        case PostLine(root=str()):
            # A courtesy to whoever looks there; what stands there need not stand for ever.
            return Decision(effects=_without_stray(scene, outcome))
        case PostMessage() | PostLine() | RedrawCard() if outcome.code == "thread_gone":
            return _new_root(scene, outcome, row, attempts, context)
        case PostMessage(broadcast=True) if outcome.code == NO_BROADCAST:
            quiet = replace(effect, broadcast=False)
            return Decision(effects=(lanes.queue(quiet, position=position, place=scene.place),))
        case PostMessage(plain=False) | PostRoot(plain=False) if outcome.code in DEGRADABLE:
            picture = outcome.code == PICTURE and not effect.bare
            plainer = replace(effect, bare=True) if picture else replace(effect, plain=True)
            place = scene.place
            return Decision(effects=(lanes.queue(plainer, position=position, place=place),))
        case PostAside(person=person, place=place):
            values: dict[str, Value] = {"why_key": f"error.{outcome.why}", "code": outcome.code, "channel": place}
            failed = Said(key="work.ask_failed", values=values)
            return Decision(effects=told_at_card(scene, person, failed, context))
        case PostRoot():
            # It will be tried again: one incident for all tries.
            return Decision(alerts=(_not_shown(scene, outcome, f"root:{effect.conversation}", context),))
        case PostMessage() | PostLine():
            return Decision(alerts=(_not_shown(scene, outcome, f"row:{row}", context),))
        case _:
            return nothing(outcome.code)


def _without_stray(scene: Scene, outcome: Refused) -> tuple[Queued, ...]:
    """Take away what came to stand in the wrong place."""
    if outcome.stray is None:
        return ()
    return (lanes.queue(RemovePost(workspace=scene.workspace.id, ref=PostRef(outcome.stray)), position=0),)


def _new_root(scene: Scene, outcome: Refused, row: int, attempts: int, context: Context) -> Decision:
    """The post goes into a new thread; one that no thread takes gets ever new ones slowly, and not for ever."""
    thread = scene.conversation.thread
    stray = _without_stray(scene, outcome)
    if thread is None or (outcome.thread is not None and thread.id != outcome.thread):
        # What was in hand at the same time has found it out already.
        return Decision(effects=stray, retry_row=True)
    lost = replace(thread, gone=True)
    bare = replace(scene, conversation=replace(scene.conversation, thread=lost))
    conversation, fresh, root = with_thread(bare, context)
    if attempts < FRESH_ROOTS:
        return Decision(conversation=conversation, threads=(lost, *fresh), effects=(*root, *stray), retry_row=True)
    told = (_not_shown(scene, outcome, f"row:{row}", context),)
    if attempts + 1 >= context.rules.max_attempts:
        return Decision(effects=stray, alerts=told)
    later = tuple(replace(each, not_before=context.moment.steady + ROOT_AGAIN) for each in root)
    threads = (lost, *fresh)
    return Decision(conversation=conversation, threads=threads, effects=(*later, *stray), alerts=told, retry_row=True)


def never_seen(scene: Scene, row: int, context: Context) -> Decision:
    """Nobody can say whether a post stands, and looking is of no use: told, and what follows it goes on."""
    return Decision(alerts=(_not_shown(scene, NOT_SEEN, f"row:{row}", context),))


def _not_shown(scene: Scene, outcome: Refused, what: str, context: Context) -> AlertDue:
    return AlertDue(
        workspace=scene.workspace.id,
        at=context.moment.now,
        key=f"not_shown:{what}",
        kind="not_shown",
        place=alerts_place(scene.minding, context.rules),
        account=scene.account.id,
        # Drawn more plainly it was refused too, so that this is no reason any more.
        values={"cause": "desk_other" if outcome.why == "desk_content" else outcome.why, "code": outcome.code},
    )


def gave_up(scene: Scene | None, row: int, outcome: Later, context: Context) -> Decision:
    """The outbox gave up on a row of the desk's: an operator may try it again."""
    if scene is None:
        return nothing(outcome.why)
    alert = AlertDue(
        workspace=scene.workspace.id,
        at=context.moment.now,
        key=f"dead_row:{row}",
        kind="dead_row",
        place=alerts_place(scene.minding, context.rules),
        account=scene.account.id,
        values={"code": outcome.why, "count": 1},
    )
    return Decision(alerts=(alert,))


def desk_held(
    scene: Scene | None, target: str, outcome: Held, accounts: tuple[Account, ...], context: Context
) -> Decision:
    """A place, or the whole desk, takes nothing: hold it, and say so where that is possible."""
    reach = lanes.scoped(target, outcome.scope)
    _, _, *rest = reach.split(":")
    if not rest:
        return Decision(holds=(Hold(target=reach, key=desk_key(lanes.workspace_of(reach))),))
    if not lanes.has_place(reach):
        return _method_held(scene, reach, outcome, context)
    workspace, place = lanes.workspace_of(reach), lanes.place_of(reach)
    _, _, cause = outcome.cause.partition(".")
    where = accounts or ((scene.minding,) if scene is not None else ())
    # What a sign or a look has met, posts would meet too.
    held = dict.fromkeys((lanes.place_target(workspace, place), reach))
    return Decision(
        holds=tuple(Hold(target=target, key=place_key(place)) for target in held),
        alerts=unusable(workspace, place, cause or outcome.cause, where, context, code=outcome.code),
    )


def _method_held(scene: Scene | None, reach: str, outcome: Held, context: Context) -> Decision:
    """One kind of call is closed to us, for want of a permission: the rest goes on."""
    key = f"desk_scope:{reach}"
    held = Decision(holds=(Hold(target=reach, key=key),))
    if scene is None:
        return held
    alert = AlertDue(
        workspace=scene.workspace.id,
        at=context.moment.now,
        key=key,
        kind="desk_scope",
        place=alerts_place(scene.minding, context.rules),
        account=scene.account.id,
        values={"code": outcome.code},
    )
    return replace(held, alerts=(alert,))


def post_unsure(scene: Scene | None, effect: AnyEffect, outcome: Unsure, row: int, context: Context) -> Decision:
    """Perhaps it stands: our own event will tell; if it does not come soon, look."""
    place, root = _where(scene, effect)
    if place is None:
        return nothing("nowhere to look")
    look = LookForPost(
        workspace=effect.workspace,
        row=row,
        place=place,
        root=root,
        since=context.moment.now - timedelta(minutes=5),
        conversation=scene.conversation.id if scene else None,
    )
    return Decision(effects=(lanes.queue(look, position=0, not_before=context.moment.steady + outcome.quiet),))


def _where(scene: Scene | None, effect: AnyEffect) -> tuple[PlaceRef | None, PostRef | None]:
    thread = scene.conversation.thread if scene else None
    match effect:
        case PostRoot():
            return (thread.place if thread else None), None
        case PostLine(root=str(root)):
            return place_of_post(root), root
        case PostMessage() | PostLine():
            return (thread.place, thread.ref) if thread else (None, None)
        case PostAlert(place=place) | PostAside(place=place) | PostTicket(place=place):
            return place, None
        case _:
            return None, None


def told_anew(incident: Incident, context: Context) -> AlertDue:
    """An incident whose alert could not be posted, once more."""
    return AlertDue(
        workspace=incident.workspace,
        at=context.moment.now,
        key=incident.key,
        kind=incident.kind,
        place=incident.place,
        account=incident.account,
        values=incident.values,
    )


def told_in_vain(scene: Scene | None, effect: TellPerson, outcome: Refused, context: Context) -> Decision:
    """A private line that the desk would not show comes as a direct message; who cannot be reached at all is told for all to see."""
    match effect:
        case TellPerson(question=False, at=at):
            return Decision(effects=(lanes.queue(replace(effect, question=True), position=lanes.micros(at)),))
        case _ if scene is None or outcome.code != OUT_OF_REACH:
            return nothing(outcome.code)
        case TellPerson(said=Said(key=key), person=person):
            woken = Said(key="thread.woken_unreached", values={"agent": person})
            lost = Said(key="thread.unreached", values={"agent": person, "link": effect.about})
            learn = lanes.queue(LearnPerson(workspace=effect.workspace, person=person), position=0)
            said = woken if key in work.WOKEN else lost
            return Decision(effects=(learn, *line(scene, said, context.moment.now)))


def unwanted(scene: Scene, effect: AnyEffect) -> bool:
    """Whether what now stands was given up while it was on its way: its words were erased, or its thread replaced."""
    match effect:
        case PostMessage():
            message = scene.message
            return message is None or message.unsent_at is not None or _wordless(message)
        case PostRoot(thread=thread):
            current = scene.conversation.thread
            return current is None or current.id != thread or not is_current(current, scene.place)
        case _:
            return False


def _wordless(message: Message) -> bool:
    """Whether it lives by its words and has none any more: they were erased, or a reaction was taken back."""
    return message.text is None and not message.attachments and message.kind in ("text", "reaction")


def taken_away(scene: Scene, ref: PostRef) -> Decision:
    """Take away a post that nobody wants any more; a person is asked where it cannot be."""
    message = scene.message
    said: Said | None = None
    if message is not None and message.unsent_at is not None:
        said = Said(key="thread.unsent", values={"when": message.unsent_at.timestamp()})
    elif message is not None and message.kind == "reaction" and message.text is None:
        said = Said(key="kind.reaction_removed")
    remove = RemovePost(workspace=scene.workspace.id, ref=ref, conversation=scene.conversation.id, said=said)
    return Decision(threads=_left_empty(scene), effects=(lanes.queue(remove, position=0),), unposted=(ref,))


def _left_empty(scene: Scene) -> tuple[Thread, ...]:
    """A thread whose account moved on before its root stood: no new one leads back to it."""
    current = scene.conversation.thread
    if current is None or current.ref is not None or current.place == scene.place:
        return ()
    return (replace(current, gone=True),)


def window_passed(scene: Scene, context: Context) -> Decision:
    """A close has passed, or what was put off is due: the card says so, and when to look next."""
    if (again := work.woken(scene, context)) is not None:
        return again
    if (asked := automatic.unanswered(scene, context)) is not None:
        return asked
    return Decision(conversation=retold(scene, scene.conversation, context), effects=(card(scene, context),))
