"""How effects end whose every end is their own matter, whatever they were on; but for what holds an account or a place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from bridge.lanes import OfHistory, OfUpkeep
from bridge.model.decision import Decision, Scene
from bridge.model.effects import (
    AnyEffect,
    FetchMedia,
    GiveTranscript,
    LookForFile,
    LookForSend,
    MoveControl,
    MoveToSpam,
    OfTicket,
    PrepareFile,
    ReactToCustomer,
    SendToCustomer,
    ShowFile,
    ShowTyping,
)
from bridge.model.outcomes import Held, Outcome, Unsure
from bridge.model.state import Account
from bridge.rules.accounts import minding
from bridge.rules.acts import blocking, control, exporting
from bridge.rules.answers import automatic, preparing, reacting, sending
from bridge.rules.base import Context, nothing
from bridge.rules.customers import history, media
from bridge.rules.desk import tickets

SENDS = (SendToCustomer, PrepareFile)
OWN = (
    *SENDS,
    MoveControl,
    ReactToCustomer,
    MoveToSpam,
    GiveTranscript,
    ShowTyping,
    LookForSend,
    FetchMedia,
    ShowFile,
    LookForFile,
)
"""Effects whose every end is their own matter, but for what holds an account or a place; what holds a send is too."""


def ended(
    scene: Scene | None,
    effect: AnyEffect,
    outcome: Outcome,
    context: Context,
    row: int,
    accounts: Sequence[Account],
    waiting: int,
) -> Decision | None:
    """For effects whose every end is their own matter; what holds an account or a place is everybody's."""
    if isinstance(effect, OfHistory | OfUpkeep | OfTicket):
        return _looked_after(scene, effect, outcome, context, accounts[0] if accounts else None, waiting)
    if not isinstance(effect, OWN) or (isinstance(outcome, Held) and not isinstance(effect, SENDS)):
        return None
    if scene is None:
        return nothing("no conversation")
    match effect:
        case SendToCustomer():
            return automatic.ended(scene, sending.send_ended(scene, effect, outcome, context))
        case PrepareFile():
            return preparing.ended(scene, effect, outcome, context)
        case MoveControl():
            return control.move_ended(scene, effect, outcome, context)
        case ShowTyping():
            return nothing("typing")
        case ReactToCustomer():
            return reacting.ended(scene, effect, outcome, context)
        case MoveToSpam() | GiveTranscript():
            return _given_or_moved(scene, effect, outcome, context)
        case LookForSend():
            return sending.looked(scene, context)
        case FetchMedia() | ShowFile() | LookForFile():
            return media.ended(scene, effect, outcome, row, context)
        case _:
            assert_never(effect)


def _looked_after(
    scene: Scene | None, effect: OfHistory | OfUpkeep | OfTicket, outcome: Outcome, context: Context, account: Account | None, waiting: int,
) -> Decision | None:  # fmt: skip
    """For what belongs to no answer: the account itself, what no delivery told, tickets."""
    if isinstance(effect, OfTicket):
        return _of_ticket(scene, effect, outcome, context)
    if isinstance(effect, OfUpkeep):
        return minding.ended(account, effect, outcome, context, waiting)
    return history.ended(scene, effect, outcome, context, account)


def _of_ticket(scene: Scene | None, effect: OfTicket, outcome: Outcome, context: Context) -> Decision | None:
    """What holds the desk, or leaves a doubt whether a post stands, is everybody's matter."""
    if scene is None:
        return nothing("no conversation")
    return None if isinstance(outcome, Held | Unsure) else tickets.ended(scene, effect, outcome, context)


def _given_or_moved(scene: Scene, effect: MoveToSpam | GiveTranscript, outcome: Outcome, context: Context) -> Decision:
    """For what one person asked for, who hears when it cannot be had."""
    if isinstance(effect, GiveTranscript):
        return exporting.ended(scene, effect, outcome, context)
    return blocking.moved_to_spam(scene, effect, outcome, context)
