"""Who is met for the first time under an id, and may be somebody known by that of the account's other login."""

from __future__ import annotations

from bridge import threads
from bridge.model.decision import Decision, Scene
from bridge.model.facts import NetworkFact
from bridge.model.ids import RemoteId
from bridge.ports import Transaction
from bridge.rules.base import Context
from bridge.rules.customers import identities
from bridge.workers import around


def decided(
    tx: Transaction, scene: Scene, fact: NetworkFact, context: Context, *, waited: bool
) -> tuple[Scene, Decision]:
    """What is true after a fact of the network's, in the conversation that it belongs to."""
    if not identities.is_stranger(scene) or around.was_asked(fact):
        return scene, threads.decide(scene, fact, context, waited=waited)
    heard = {getattr(fact, name, None) for name in ("about", "remote_id")}
    earlier = tx.scenes.earlier(scene, [RemoteId(each) for each in heard if each is not None])
    found = None if earlier is None else identities.judged(scene, earlier, context, waited=waited)
    if isinstance(found, Decision):
        return scene, found
    known = None if found is None else tx.scenes.of_conversation(found)
    if known is None:
        return scene, threads.decide(scene, fact, context, waited=waited)
    tx.scenes.join(scene, known)
    joined = around.network(tx, fact) or known
    return joined, identities.noted(joined, threads.decide(joined, fact, context, waited=waited), fact.at)
