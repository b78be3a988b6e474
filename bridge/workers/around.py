"""The scene of what the network told: the conversation, the message that it is about, and what is made of it."""

from __future__ import annotations

from bridge.model.change import replace
from bridge.model.copies import Quoted
from bridge.model.decision import Decision, Scene, Sending, Wait
from bridge.model.facts import (
    AgentWrote,
    AppLearnt,
    CommentChange,
    ControlMoved,
    ControlWanted,
    CustomerCommented,
    CustomerEdited,
    CustomerRated,
    CustomerReacted,
    CustomerRead,
    CustomerUnsent,
    CustomerWrote,
    EchoHeard,
    Fact,
    FromNetwork,
    LoginWithdrawn,
    NetworkFact,
    Pressed,
    ProfileLearnt,
    Submitted,
)
from bridge.model.ids import RemoteId, stand_in
from bridge.ports import RETRIED, InboxRow, Transaction
from bridge.rules.answers import automatic, echoes, sending
from bridge.rules.base import Context
from bridge.rules.customers import comments, reactions

UNCONNECTED = "not connected"
"""Of an account that nobody has connected here, or that was removed."""


def was_asked(fact: Fact) -> bool:
    """Whether we asked the network about a customer of ours: one who is not known any more was erased meanwhile."""
    return isinstance(fact, (ProfileLearnt, AppLearnt)) or (isinstance(fact, EchoHeard) and fact.looked_up)


def named(fact: Fact, row: InboxRow) -> Fact:
    """The fact; what this version cannot read gets an id, by which a later one finds what stands of it."""
    if not isinstance(fact, CustomerWrote) or fact.remote_id is not None:
        return fact
    return replace(fact, remote_id=stand_in(row.item.key)) if fact.unknown or row.missing == RETRIED else fact


def may_close(fact: Fact) -> bool:
    """Whether somebody may ask by it for a conversation to be closed."""
    return isinstance(fact, Pressed | Submitted) or (isinstance(fact, AgentWrote) and fact.mentions_bridge)


def is_kept(scene: Scene | None, fact: Fact, decision: Decision) -> bool:
    """Whether what was told may stay, so that it counts once."""
    if scene is None and was_asked(fact):
        return False  # about somebody who was erased meanwhile
    if isinstance(fact, LoginWithdrawn):
        return False  # it names a person
    if scene is None and isinstance(fact, FromNetwork) and decision.ignored == UNCONNECTED:
        return False  # nobody's words are kept; of an account that is taken back they are read again
    # What was found by looking and settled nothing must count when it is told or found.
    return not (isinstance(fact, EchoHeard) and fact.looked_up and decision.ignored is not None)


def network(tx: Transaction, fact: NetworkFact, *, known: bool = False) -> Scene | None:
    """None: no such account is connected, or its customer was erased since we asked. known: nobody is met anew."""
    create = not known and not was_asked(fact) and not isinstance(fact, CustomerRead)
    echo = isinstance(fact, EchoHeard)
    scene = tx.scenes.of_customer(fact.platform, fact.account, fact.customer, create=create, sending=echo)
    if isinstance(fact, CustomerUnsent):
        scene = _still_read(tx, scene, fact)
    if scene is None:
        return None
    remote_id = _about(fact)
    if remote_id is not None:
        scene = replace(scene, message=tx.scenes.message_by_remote(scene.conversation.id, remote_id))
    if isinstance(fact, CustomerReacted) and (about := tx.scenes.message_by_remote(scene.conversation.id, fact.about)):
        scene = replace(scene, quoted={fact.about: Quoted(message=about)})
    if isinstance(fact, CustomerWrote) and fact.answered:
        after = {each: tx.scenes.message_by_remote(scene.conversation.id, each) for each in fact.answered}
        quoted = {each: Quoted(message=message) for each, message in after.items() if message is not None}
        scene = replace(scene, quoted=quoted)
    if isinstance(fact, CustomerWrote) and automatic.speaks(scene.account.settings):
        scene = replace(scene, answering=tx.scenes.answering(scene.conversation.id))
    if isinstance(fact, EchoHeard) and fact.found_later and scene.message is None and fact.text:
        # Perhaps ours, and settled by a person's word: it is not to be shown as somebody else's.
        scene = replace(scene, by_word=tx.scenes.by_word(scene.conversation.id))
    match fact:
        case CustomerWrote() | CustomerEdited() | CustomerReacted() | CustomerUnsent() if remote_id is not None:
            return tx.scenes.with_copies(scene, remote_id, fact.at, left=isinstance(fact, CustomerUnsent))
        case EchoHeard() | ControlMoved() | ControlWanted() | AppLearnt():
            return _with_apps(tx, scene, fact)
        case _:
            return scene


def _still_read(tx: Transaction, scene: Scene | None, fact: CustomerUnsent) -> Scene | None:
    """Where what is taken back stands: for a removed account nothing is received, but its threads stay and must not show it."""
    if scene is not None and tx.scenes.message_by_remote(scene.conversation.id, fact.remote_id) is not None:
        return scene
    return tx.scenes.of_removed(fact.platform, fact.account, fact.customer, fact.remote_id) or scene


def commenter(tx: Transaction, fact: CustomerCommented) -> tuple[Scene | None, Decision | None]:
    """The scene of a comment; or that there is none: nobody is met by what the account does not want shown.

    What becomes of a comment that is shown already is heard in any case.
    """
    account = tx.scenes.account_by_remote(fact.platform, fact.account)
    off = account is not None and not account.settings.comments
    scene = tx.scenes.of_commenter(fact.platform, fact.account, fact.customer, create=not off)
    if scene is not None:
        scene = replace(scene, message=tx.scenes.message_by_remote(scene.conversation.id, fact.remote_id))
    if off and (scene is None or scene.message is None):
        return None, Decision(ignored="comment")
    if scene is None:
        return None, None
    removed = fact.change is CommentChange.REMOVED
    return tx.scenes.with_copies(scene, fact.remote_id, fact.written_at, left=removed), None


def echo(tx: Transaction, fact: EchoHeard, context: Context, *, waited: bool) -> tuple[Scene | None, Decision | None]:
    """The scene of an echo; with its decision where it is a private reply's, whose recipient nobody knew before.

    By words alone it is taken for one only where that is certain: what is in hand will say itself whom it reached.
    """
    scene = network(tx, fact, known=True)
    if scene is not None and echoes.is_known(scene, fact, context):
        return scene, None
    account = tx.scenes.account_by_remote(fact.platform, fact.account) if scene is None else scene.account
    if account is not None and account.settings.comments:
        found = comments.may_be_ours(fact, tx.scenes.private_replies(account.id), context)
        if len(found) == 1 and (fact.marker is not None or found[0].unsure_since is not None):
            return _private(tx, fact, found[0], context)
        if not waited and any(each.unsure_since is None for each in found):
            return scene, Decision(
                wait=Wait(until=context.moment.steady + context.rules.in_hand, missing="send", free=True)
            )
    return scene or network(tx, fact), None


def _private(
    tx: Transaction, fact: EchoHeard, found: Sending, context: Context
) -> tuple[Scene | None, Decision | None]:
    scene = tx.scenes.of_conversation(found.message.conversation, sending=True)
    if scene is None:
        return None, None
    decision = sending.settled(scene, found, fact.remote_id, context, recipient=fact.customer)
    return scene, led_on(tx, scene, decision)


def led_on(tx: Transaction, scene: Scene, decision: Decision) -> Decision:
    """A decision that learnt under which id a commenter writes, with the way to what they have written already."""
    if decision.writes_as is None:
        return decision
    platform, account = scene.account.platform, scene.account.remote_id
    other = tx.scenes.of_customer(platform, account, decision.writes_as, create=False)
    return decision if other is None else replace(decision, effects=(*decision.effects, *comments.led_on(scene, other)))


def _about(fact: NetworkFact) -> RemoteId | None:
    """Which message a fact is about, by the network's id; of a reaction, the reaction itself."""
    match fact:
        case CustomerReacted(about=about):
            return reactions.reaction_id(about)
        case CustomerWrote() | CustomerEdited() | CustomerRead() | CustomerUnsent() | CustomerRated() | EchoHeard():
            return fact.remote_id
        case _:
            return None


def _with_apps(tx: Transaction, scene: Scene, fact: NetworkFact) -> Scene:
    """The scene with what the other apps are called that a fact names."""
    named = {getattr(fact, name, None) for name in ("app", "owner", "previous")}
    apps = [app for app in named if app is not None]
    if isinstance(fact, EchoHeard) and not apps:
        return scene
    return replace(scene, apps=tx.scenes.apps(apps))
