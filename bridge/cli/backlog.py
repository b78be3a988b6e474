"""What `check` finds in the queues: what was given up, what nobody knows the end of, what is held."""

from __future__ import annotations

from bridge.check import Finding, doubtful, fine, wrong
from bridge.store.listings import Figures


def queues(figures: Figures) -> list[Finding]:
    """What no longer moves by itself; a queue of which nothing is to be said is as it should be."""
    found: list[Finding] = []
    for queue in ("inbox", "outbox"):
        told = _dead(queue, getattr(figures, queue).get("dead", 0))
        told += _unsure(figures) if queue == "outbox" else []
        found += told or [fine("queue", queue)]
    for key, count in sorted(figures.holds.items()):
        problem = f"what is to go waits, in {count} {'place' if count == 1 else 'places'}; the alerts channel says why"
        mend = "do what the alert there says: it goes by itself then, at once with `threadbridge outbox retry`"
        found.append(wrong("held", key, problem, mend))
    return found


def _dead(queue: str, count: int) -> list[Finding]:
    if not count:
        return []
    noun = "facts could not be decided" if queue == "inbox" else "effects were given up"
    mend = f"`threadbridge {queue} list --state dead` shows them, `threadbridge {queue} retry` tries them again"
    return [wrong("queue", queue, f"{count} {noun}", mend)]


def _unsure(figures: Figures) -> list[Finding]:
    """What may have arrived: of answers to customers people are asked, for posts the bridge looks itself."""
    found = []
    if answers := figures.answers_unsure:
        they = (
            "answer to a customer nobody knows yet whether it"
            if answers == 1
            else "answers to customers nobody knows yet whether they"
        )
        problem = f"of {answers} {they} arrived"
        mend = "the bridge looks at Meta for a minute, then asks their agents in Slack; wait for their answer"
        found.append(doubtful("queue", "outbox", problem, mend))
    if posts := figures.outbox.get("unsure", 0) - answers:
        they = (
            "post of its own the bridge does not know yet whether it stands"
            if posts == 1
            else "posts of its own the bridge does not know yet whether they stand"
        )
        problem = f"of {posts} {they}"
        mend = "nothing to do: the bridge looks in Slack itself, and posts what is not there, as soon as Slack answers"
        found.append(doubtful("queue", "outbox", problem, mend))
    return found
