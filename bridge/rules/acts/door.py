"""Everything that agents do with a conversation as a whole, by one door: buttons, messages to the bridge and windows call it."""

from __future__ import annotations

from bridge.model.decision import Decision, Scene
from bridge.model.facts import Act
from bridge.model.ids import PersonRef
from bridge.model.state import Said, Wish
from bridge.rules.acts import blocking, exporting, forwarding, work
from bridge.rules.acts.words import Wanted
from bridge.rules.base import Context, nothing
from bridge.rules.desk import tickets

ACTS = work.ACTS | blocking.ACTS | forwarding.ACTS | exporting.ACTS | tickets.ACTS
WAKING = frozenset({Act.REOPEN, Act.SNOOZE})
"""Acts after which somebody would wait whose messages nobody sees."""


def done(scene: Scene, wanted: Wanted, person: PersonRef, context: Context) -> tuple[Decision, Said]:
    """Do it, and what whoever wanted it reads where nothing changes. The caller has asked `policy.authorise`."""
    if wanted.act in exporting.ACTS:
        return exporting.done(scene, person, context)
    if wanted.act not in work.ACTS and scene.account.wish is Wish.REMOVED:
        return nothing("removed"), Said(key="work.account_removed")
    if wanted.act in tickets.ACTS:
        return tickets.done(scene, person, context)
    if wanted.act in forwarding.ACTS:
        return forwarding.done(scene, wanted, person, context)
    if wanted.act in blocking.ACTS:
        return blocking.done(scene, wanted.act, person, context)
    if wanted.act in WAKING and scene.customer.blocked is not None:
        return nothing("blocked"), Said(key="work.blocked")
    return work.done(scene, wanted, person, context)
