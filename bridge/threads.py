"""What each fact does to a conversation and its thread, and how each effect ends: the table of contents of the product.

`decide` is for what was heard, `ended` for how an effect ended, `due` for an effect about to go. What needs no conversation
(alerts, setting up, places, pages of people) is led to its rules by `bridge.workers.decide`, which has a branch for every fact.
The rules themselves stand in `bridge.rules`, a file for each kind of event. Pure: no I/O, no clock, no vendor's words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from bridge import lanes
from bridge.alerts import TOLD_ONCE
from bridge.model.change import replace
from bridge.model.decision import Decision, Due, Go, Scene
from bridge.model.effects import (
    AnyEffect,
    ClearSign,
    EditAlert,
    FetchMedia,
    LookForPost,
    OfIncident,
    PinAlert,
    PostAlert,
    PostLine,
    PostMessage,
    PostRoot,
    PostStage,
    RedrawCard,
    RedrawPost,
    RemoveFile,
    Revise,
    SendToCustomer,
    SetSign,
    ShowFile,
    ShowRead,
    TellOutside,
    TellOwner,
    TellPerson,
)
from bridge.model.facts import (
    AccountFact,
    AccountJudged,
    AgentEdited,
    AgentReacted,
    AgentWrote,
    AlertDue,
    AppLearnt,
    ControlMoved,
    ControlWanted,
    ConversationFact,
    CredentialsRevoked,
    CustomerCommented,
    CustomerEdited,
    CustomerRated,
    CustomerReacted,
    CustomerRead,
    CustomerUnsent,
    CustomerWrote,
    EchoHeard,
    Ignored,
    OwnPostSeen,
    PersonLearnt,
    PlainFact,
    PostDeleted,
    PostNotFound,
    Pressed,
    ProfileLearnt,
    QuestionStands,
    RolesChanged,
    Submitted,
)
from bridge.model.ids import PostRef
from bridge.model.outcomes import Done, Held, Later, Outcome, Refused, Unsure
from bridge.model.state import Account, Incident, Person, PersonKind, Sign
from bridge.rules import endings
from bridge.rules.acts import blocking, commanded, control, pressed, windows, words
from bridge.rules.answers import automatic, collisions, echoes, going, lines, reacting, reply, sending, writing
from bridge.rules.base import Context, nothing
from bridge.rules.customers import changes, comments, customer, media, reactions, sight, unsend
from bridge.rules.desk import board, digest, home, incidents, judged, many, places, posting, standing


def decide(scene: Scene, fact: ConversationFact, context: Context, *, waited: bool = False) -> Decision:
    """What is true after a fact about one conversation, and what must be done. *waited*: its time to wait is over."""
    decision = lines.followed(scene, _decided(scene, fact, context, waited=waited), context)
    if isinstance(fact, CustomerRead):
        return decision
    return collisions.noted(scene, writing.shown(scene, decision, context))


def _decided(scene: Scene, fact: ConversationFact, context: Context, *, waited: bool) -> Decision:
    match fact:
        case (
            CustomerWrote()
            | CustomerEdited()
            | CustomerReacted()
            | CustomerUnsent()
            | CustomerCommented()
            | CustomerRated()
            | ProfileLearnt()
        ):
            if scene.customer.blocked is None or isinstance(fact, CustomerRated):
                return _customer_did(scene, fact, context, waited=waited)
            return blocking.kept(scene, fact, _customer_did(scene, fact, context, waited=True), context)
        case ControlMoved() | ControlWanted() | AppLearnt():
            return control.decide(scene, fact, context)
        case EchoHeard():
            return echoes.echo_heard(scene, fact, context, waited=waited)
        case AgentEdited():
            return reply.agent_edited(scene, fact, context, waited=waited)
        case AgentWrote(mentions_bridge=True) if wanted := words.understood(fact.command, fact.named, fact.places):
            return commanded.commanded(scene, fact, wanted, context, waited=waited)
        case AgentWrote():
            return reply.agent_wrote(scene, fact, context, waited=waited)
        case AgentReacted():
            return reacting.agent_reacted(scene, fact, context, waited=waited)
        case PostDeleted():
            return reply.post_deleted(scene, fact, context)
        case Pressed() | Submitted() | QuestionStands():
            return _asked_for(scene, fact, context, waited=waited)
        case CustomerRead():
            return sight.customer_read(scene, fact, context, waited=waited)
        case _:
            assert_never(fact)


def _customer_did(
    scene: Scene,
    fact: CustomerWrote
    | CustomerEdited
    | CustomerReacted
    | CustomerUnsent
    | CustomerCommented
    | CustomerRated
    | ProfileLearnt,
    context: Context,
    *,
    waited: bool,
) -> Decision:
    match fact:
        case CustomerWrote():
            return automatic.after_customer(scene, fact, customer.customer_wrote(scene, fact, context), context)
        case CustomerEdited():
            return changes.customer_edited(scene, fact, context)
        case CustomerReacted():
            return reactions.customer_reacted(scene, fact, context, waited=waited)
        case CustomerUnsent():
            return unsend.customer_unsent(scene, fact, context)
        case CustomerRated():
            return automatic.rated(scene, fact, context)
        case CustomerCommented():
            return comments.commented(scene, fact, context)
        case ProfileLearnt():
            return customer.profile_learnt(scene, fact, context)


def _asked_for(scene: Scene, fact: Pressed | Submitted | QuestionStands, context: Context, *, waited: bool) -> Decision:
    if isinstance(fact, QuestionStands):
        return lines.stands(scene, fact, context)
    if isinstance(fact, Pressed):
        return home.pressed(fact, pressed.pressed(scene, fact, context, waited=waited))
    return windows.submitted(scene, fact, context, waited=waited)


def decide_about_desk(fact: PlainFact) -> Decision:
    """What is true after a fact that says all there is to know."""
    match fact:
        case PersonLearnt(workspace=workspace, ref=ref, person=person):
            learnt = person or Person(ref=ref, kind=PersonKind.GONE, name="")
            return Decision(workspace=workspace, people=(learnt,))
        case OwnPostSeen(ref=ref, keys=keys):
            return Decision(seen_rows=tuple((key, ref) for key in keys))
        case PostNotFound(key=key):
            return Decision(unseen_rows=(key,))
        case CredentialsRevoked():
            return places.credentials_revoked(fact)
        case Ignored(why=why):
            return nothing(why)
        case _:
            assert_never(fact)


def decide_about_account(account: Account, fact: AccountFact, context: Context) -> Decision:
    """What is true after a fact about an account as a whole."""
    match fact:
        case AccountJudged():
            return judged.judged(account, fact, context)
        case RolesChanged():
            return judged.roles_changed(account, fact, context)
        case _:
            assert_never(fact)


def due(scene: Scene | None, effect: AnyEffect, context: Context, incident: Incident | None = None) -> Due:
    """Rule once more, on the state as it is when the effect is about to go."""
    if scene is None:
        return _alert_due(effect, incident, context) if isinstance(effect, OfIncident) else Go()
    match effect:  # the most frequent first
        case SendToCustomer():
            return going.send_due(scene, effect, context)
        case SetSign(sign=Sign.READ) | ClearSign(sign=Sign.READ):
            return sight.sign_due(scene, effect)
        case SetSign() | ClearSign() | TellPerson():
            return pressed.to_author_due(scene, effect, context)
        case PostRoot() | PostMessage() | PostLine():
            return standing.post_due(scene, effect, context)
        case FetchMedia():
            return media.fetch_due(scene, effect)
        case ShowFile():
            turn = media.turn_due(scene, effect, context)
            return standing.post_due(scene, effect, context) if isinstance(turn, Go) else turn
        case RedrawCard() | RedrawPost() | Revise():
            return _redraw_due(scene, effect, context)
        case ShowRead():
            return sight.due(scene, effect, context)
        case PostAlert() | EditAlert() | PostStage() | TellOwner() | TellOutside() | PinAlert():
            return _alert_due(effect, incident, context)
        case _:
            return going.otherwise_due(scene, effect, context)


def _alert_due(effect: OfIncident, incident: Incident | None, context: Context) -> Due:
    due = incidents.due(effect, incident)
    if isinstance(due, Go) and isinstance(effect, TellOwner) and incident is not None and incident.kind == many.KIND:
        return many.rests(incident, context)
    return due


def _redraw_due(scene: Scene, effect: RedrawCard | RedrawPost | Revise, context: Context) -> Due:
    match effect:
        case RedrawPost():
            return changes.redraw_due(scene, effect)
        case Revise():
            return changes.revise_due(scene, effect, context)
        case RedrawCard():
            return standing.card_due(scene, context)


def ended(
    scene: Scene | None,
    effect: AnyEffect,
    outcome: Outcome,
    context: Context,
    *,
    row: int,
    target: str,
    position: int,
    attempts: int = 0,
    accounts: Sequence[Account] = (),
    incident: Incident | None = None,
    shown: Incident | None = None,
    waiting: int = 0,
) -> Decision:
    """What an effect's outcome makes true. `Later` comes here only as the last try of many.

    attempts: tries before this one that count against the row.
    accounts: for a desk that holds, those routed to the place; else whose the effect is, where no scene says it.
    incident: for an alert, what it tells of; shown: the same as it was worded. waiting: for a probe, how many answers wait.
    """
    own = endings.ended(scene, effect, outcome, context, row, accounts, waiting)
    if own is None and isinstance(effect, OfIncident):
        own = _told(effect, outcome, context, incident, row=row, position=position, shown=shown)
    if own is not None:
        return lines.followed(scene, own, context)
    match outcome:
        case Done() if isinstance(effect, RemoveFile):
            return changes.file_gone(effect, context)
        case Done(remote_id=ref):
            return _now_stands(scene, effect, ref, context, incident)
        case Held() if target.startswith(f"{lanes.NETWORK}:"):
            return sending.account_held(scene, outcome, context) if scene else nothing("no account")
        case Held():
            held = posting.desk_held(scene, target, outcome, tuple(accounts), context)
            return replace(held, alerts=(*held.alerts, *_told_elsewhere(effect, incident, context)))
        case Unsure():
            return posting.post_unsure(scene, effect, outcome, row, context)
        case Refused() | Later() if scene is not None and changes.still_shows(effect, outcome):
            return changes.refused(scene, effect, outcome, context)
        case Refused():
            return _refused(scene, effect, outcome, context, row=row, position=position, attempts=attempts)
        case Later():
            return _given_up(scene, effect, outcome, row, context)
        case _:
            assert_never(outcome)


def _refused(
    scene: Scene | None,
    effect: AnyEffect,
    outcome: Refused,
    context: Context,
    *,
    row: int,
    position: int,
    attempts: int,
) -> Decision:
    if isinstance(effect, TellPerson):
        return posting.told_in_vain(scene, effect, outcome, context)
    if scene is None:
        return nothing("ended")
    return posting.post_refused(scene, effect, outcome, row, position, attempts, context)


def _given_up(scene: Scene | None, effect: AnyEffect, outcome: Later, row: int, context: Context) -> Decision:
    """After the last try, or what lasts long enough to be told at once."""
    if outcome.cause:
        return Decision(alerts=() if scene is None else (places.desk_moving(scene, outcome, context),))
    if isinstance(effect, (PostRoot, PostMessage, PostLine, LookForPost)):
        return posting.gave_up(scene, row, outcome, context)
    return nothing("ended")


def _told_elsewhere(effect: AnyEffect, incident: Incident | None, context: Context) -> tuple[AlertDue, ...]:
    """An alert that cannot be told there is told anew, where it can be."""
    if incident is None or not isinstance(effect, PostAlert):
        return ()
    return (posting.told_anew(incident, context),)


def _told_once(outcome: Outcome, incident: Incident | None) -> bool:
    """Whether an incident is over with that."""
    return isinstance(outcome, Done) and incident is not None and incident.kind in TOLD_ONCE


def _now_stands(
    scene: Scene | None, effect: AnyEffect, ref: str | None, context: Context, incident: Incident | None
) -> Decision:
    """What stands may have been given up, or become untrue, while it was on its way."""
    if incident is not None and _told_once(Done(), incident):
        return digest.stands(incident, context)
    if isinstance(effect, changes.TakesBack | RedrawCard):
        return changes.stood(effect, context, scene)
    if scene is None or ref is None:
        return nothing("done")
    if posting.unwanted(scene, effect):
        return posting.taken_away(scene, PostRef(ref))
    return changes.now_stands(scene, effect) if isinstance(effect, PostMessage) else nothing("done")


def _told(
    effect: OfIncident, outcome: Outcome, context: Context, incident: Incident | None, *, row: int, position: int, shown: Incident | None,
) -> Decision | None:  # fmt: skip
    """For alerts, and for the board; None: as of whatever else stands on the desk."""
    own = None
    if incident is not None and incident.kind == board.KIND:
        own = board.ended(effect, outcome, incident, context)
    if own is not None or _told_once(outcome, incident):
        return own
    return incidents.ended(effect, outcome, incident, context, row=row, position=position, shown=shown)
