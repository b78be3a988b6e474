"""People who have left the desk: what they had goes back, and who looks after something is asked for now and then.

That somebody left may be told at any time, or in vain; so nothing is done when it is told, and what they still have is
asked for again and again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bridge import lanes
from bridge.model.decision import Decision, Moment
from bridge.model.effects import LearnPerson
from bridge.ports import Transaction
from bridge.rules.acts import pressed
from bridge.rules.desk import departed
from bridge.workers.base import Tools

EVERY: Final = timedelta(seconds=5)
ASKED_EVERY: Final = timedelta(minutes=1)
KNOWN_FOR: Final = timedelta(days=1)
"""So long it is believed that somebody who looks after something is still there."""
LIMIT: Final = 5
"""So many people at once: one of them may have had hundreds of conversations."""
MESSAGES: Final = 50


def look(tx: Transaction, tools: Tools, moment: Moment) -> None:
    """What people who have left looked after goes back to the queue; answers that wait for their word stay inside."""
    context = tools.context(tx, moment)
    for workspace, person in tx.ticks.departed(LIMIT):
        back = tx.ticks.give_back(workspace, person, moment.now)
        if back:
            accounts = {each.id: each for each in tx.scenes.accounts(workspace)}
            tx.apply(None, departed.told(person, back, accounts, context), moment.steady)
    for message in tx.ticks.asked_in_vain(MESSAGES):
        scene = tx.scenes.of_message(message)
        if scene is not None:
            tx.apply(scene, pressed.question_expired(scene, context), moment.steady)


def ask(tx: Transaction, moment: Moment) -> None:
    """Whoever looks after a conversation, and was not heard of for a day, is asked for: a few at a time."""
    unseen = tx.ticks.unseen_owners(moment.steady - KNOWN_FOR, LIMIT)
    effects = tuple(lanes.queue(LearnPerson(workspace=desk, person=person), position=0) for desk, person in unseen)
    if effects:
        tx.apply(None, Decision(effects=effects), moment.steady)
