"""The states of the two queues and the steps between them; `inbox`, `outbox` and `claim` do the work.

Rule 1: every state, and every step between states, is in STEPS or INBOX_STEPS; tests walk all pairs.
Rule 2: an outbox row in "done" or "dropped" never moves again. Out of "dead" and "unsure" it comes only by proof, by a
        person's button or by an operator's command, never by a loop.
Rule 3: "working" past its lease means that the process died in the middle; nobody knows whether it was delivered.
Rule 4: a lane's first unfinished row holds the lane, whatever its target. Hence a lane each for what must stay in order,
        and nothing more: the price of a waiting head is that everything behind it waits too.
Rule 5: an unsure row holds its lane only while it "blocks"; once a person was asked, what follows goes.
Rule 6: states stand in conditions as literals, not as parameters: otherwise neither database uses a partial index.
"""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa

from bridge.store.schema import inbox, outbox

STEPS: dict[str, frozenset[str]] = {
    # dropped: withdrawn before it went; done: the network or the desk has it after all (a retry's first try arrived)
    "ready": frozenset({"working", "dropped", "done"}),
    # back to ready: Later, Held; dropped: no longer due
    "working": frozenset({"done", "ready", "unsure", "dead", "dropped"}),
    # done: it was found; ready: proof that it is not there, or a person's word
    "unsure": frozenset({"done", "ready", "dropped"}),
    # its own attempts are used up
    "dead": frozenset({"ready", "dropped", "done"}),
    "done": frozenset(),
    "dropped": frozenset(),
}
UNFINISHED = ("ready", "working", "unsure")

INBOX_STEPS: dict[str, frozenset[str]] = {
    # ready again: it waits, and its lane with it
    "ready": frozenset({"ready", "free", "applied", "unknown", "dead"}),
    # waits, and lets its lane pass
    "free": frozenset({"ready", "free", "applied", "unknown", "dead"}),
    # applied, but a later version may read more of it
    "unknown": frozenset({"ready"}),
    # could not be decided
    "dead": frozenset({"ready"}),
    "applied": frozenset(),
}
UNDECIDED = ("ready", "free")


@cache
def before(state: str) -> tuple[str, ...]:
    """The states from which an outbox row may step to *state*."""
    return tuple(old for old, steps in STEPS.items() if state in steps)


def literal(state: str) -> sa.ColumnElement[str]:
    """A state as it must stand in a condition (rule 6)."""
    return sa.literal_column(f"'{state}'", sa.Text())


def literals(states: tuple[str, ...]) -> list[sa.ColumnElement[str]]:
    """Several of them, for `in_`."""
    return [literal(state) for state in states]


is_ready = outbox.c.state == literal("ready")
is_unfinished = outbox.c.state.in_(literals(UNFINISHED))
is_undecided = inbox.c.state.in_(literals(UNDECIDED))
