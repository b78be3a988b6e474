"""The scene of what the network told: the conversation, the message that it is about, and what is made of it."""

from __future__ import annotations

from bridge.model.change import replace
from bridge.model.decision import Scene
from bridge.model.facts import (
    AppLearnt,
    ControlMoved,
    ControlWanted,
    CustomerEdited,
    CustomerReacted,
    CustomerUnsent,
    CustomerWrote,
    EchoHeard,
    Fact,
    NetworkFact,
    ProfileLearnt,
)
from bridge.model.ids import RemoteId, stand_in
from bridge.ports import RETRIED, InboxRow, Transaction
from bridge.rules import reactions


def was_asked(fact: Fact) -> bool:
    """Whether we asked the network about a customer of ours: one who is not known any more was erased meanwhile."""
    return isinstance(fact, (ProfileLearnt, AppLearnt)) or (isinstance(fact, EchoHeard) and fact.looked_up)


def named(fact: Fact, row: InboxRow) -> Fact:
    """The fact; what this version cannot read gets an id, by which a later one finds what stands of it."""
    if not isinstance(fact, CustomerWrote) or fact.remote_id is not None:
        return fact
    return replace(fact, remote_id=stand_in(row.item.key)) if fact.unknown or row.missing == RETRIED else fact


def network(tx: Transaction, fact: NetworkFact) -> Scene | None:
    """None: no such account is connected, or its customer was erased since we asked."""
    create, echo = not was_asked(fact), isinstance(fact, EchoHeard)
    scene = tx.scenes.of_customer(fact.platform, fact.account, fact.customer, create=create, sending=echo)
    if scene is None:
        return None
    remote_id = _about(fact)
    if remote_id is not None:
        scene = replace(scene, message=tx.scenes.message_by_remote(scene.conversation.id, remote_id))
    if isinstance(fact, EchoHeard) and fact.found_later and scene.message is None and fact.text:
        # Ours, and settled by a person's word: it is not to be shown as somebody else's.
        scene = replace(scene, message=tx.scenes.message_by_words(scene.conversation.id, fact.text))
    match fact:
        case CustomerWrote() | CustomerEdited() | CustomerReacted() | CustomerUnsent() if remote_id is not None:
            return tx.scenes.with_copies(scene, remote_id, fact.at, left=isinstance(fact, CustomerUnsent))
        case EchoHeard() | ControlMoved() | ControlWanted() | AppLearnt():
            return _with_apps(tx, scene, fact)
        case _:
            return scene


def _about(fact: NetworkFact) -> RemoteId | None:
    """Which message a fact is about, by the network's id; of a reaction, the reaction itself."""
    match fact:
        case CustomerReacted(about=about):
            return reactions.reaction_id(about)
        case CustomerWrote() | CustomerEdited() | CustomerUnsent() | EchoHeard():
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
