"""How each kind of effect ends: whose every end is its own matter, and what ends as whatever stands on the desk does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from bridge.model.decision import Decision, Scene
from bridge.model.effects import (
    AnswerAsker,
    AnyEffect,
    ClearSign,
    EditAlert,
    EditTicket,
    FetchMedia,
    GiveTranscript,
    KeepSubscribed,
    LearnApp,
    LearnGroup,
    LearnPerson,
    LearnProfile,
    LookForFile,
    LookForMessage,
    LookForPost,
    LookForSend,
    MarkSeen,
    MoveControl,
    MoveToSpam,
    OfTicket,
    PinAlert,
    PostAlert,
    PostAside,
    PostLine,
    PostMessage,
    PostRoot,
    PostStage,
    PostTicket,
    PrepareFile,
    ProbeAccount,
    ProbeDesk,
    ProbePlace,
    ProbeToken,
    PutTicket,
    ReactToCustomer,
    ReadConversations,
    ReadHistory,
    ReadThread,
    RedactTicket,
    RedrawCard,
    RedrawPost,
    RefreshLogin,
    RemoveFile,
    RemovePost,
    ReplaceLine,
    RetireCard,
    Revise,
    SendToCustomer,
    SetSign,
    ShowFile,
    ShowHome,
    ShowRead,
    ShowTyping,
    TellOutside,
    TellOwner,
    TellPerson,
    Unsubscribe,
)
from bridge.model.outcomes import Held, Outcome, Unsure
from bridge.model.state import Account
from bridge.rules.accounts import minding
from bridge.rules.acts import blocking, control, exporting
from bridge.rules.answers import automatic, preparing, reacting, sending
from bridge.rules.base import Context, nothing
from bridge.rules.customers import history, media
from bridge.rules.desk import home, tickets

OnTheDesk = (
    ClearSign
    | PostRoot
    | PostLine
    | RedrawPost
    | RetireCard
    | RemovePost
    | RemoveFile
    | Revise
    | ShowRead
    | TellPerson
    | ReplaceLine
    | PostAside
    | AnswerAsker
    | LookForPost
    | LearnProfile
    | LearnApp
    | LearnPerson
    | LearnGroup
    | ReadThread
    | MarkSeen
    | ProbeDesk
    | ProbePlace
    | ProbeToken
    | PostAlert
    | EditAlert
    | PinAlert
    | PostStage
    | TellOwner
    | TellOutside
)
"""Beside signs, cards and messages: what ends as whatever stands on the desk does, or as an alert."""
OfOneConversation = (
    MoveControl
    | ReactToCustomer
    | MoveToSpam
    | GiveTranscript
    | ShowTyping
    | LookForSend
    | FetchMedia
    | ShowFile
    | LookForFile
)
"""Effects whose every end is their own matter, but for what holds an account or a place."""


def ended(
    scene: Scene | None,
    effect: AnyEffect,
    outcome: Outcome,
    context: Context,
    row: int,
    accounts: Sequence[Account],
    waiting: int,
) -> Decision | None:
    """The first of what `bridge.threads.ended` asks; None: it ends as whatever stands on the desk does."""
    match effect:  # the most frequent first
        case SendToCustomer() | PrepareFile():
            return _sent(scene, effect, outcome, context)
        case SetSign() | RedrawCard() | PostMessage():
            return None
        case _ if isinstance(effect, OfOneConversation):
            return None if isinstance(outcome, Held) else _by_its_kind(scene, effect, outcome, row, context)
        case KeepSubscribed() | ReadConversations() | ReadHistory() | LookForMessage():
            return history.ended(scene, effect, outcome, context, accounts[0] if accounts else None)
        case ProbeAccount() | RefreshLogin() | Unsubscribe():
            return minding.ended(accounts[0] if accounts else None, effect, outcome, context, waiting)
        case PutTicket() | RedactTicket() | PostTicket() | EditTicket():
            return _of_ticket(scene, effect, outcome, context)
        case ShowHome():
            return home.ended(effect, outcome)
        case _ if isinstance(effect, OnTheDesk):
            return None
        case _:
            assert_never(effect)


def _sent(scene: Scene | None, effect: SendToCustomer | PrepareFile, outcome: Outcome, context: Context) -> Decision:
    """What holds an answer is its own matter too."""
    if scene is None:
        return nothing("no conversation")
    if isinstance(effect, PrepareFile):
        return preparing.ended(scene, effect, outcome, context)
    return automatic.ended(scene, sending.send_ended(scene, effect, outcome, context))


def _by_its_kind(
    scene: Scene | None, effect: OfOneConversation, outcome: Outcome, row: int, context: Context
) -> Decision:
    if scene is None:
        return nothing("no conversation")
    match effect:
        case MoveControl():
            return control.move_ended(scene, effect, outcome, context)
        case ShowTyping():
            return nothing("typing")
        case ReactToCustomer():
            return reacting.ended(scene, effect, outcome, context)
        case MoveToSpam():
            return blocking.moved_to_spam(scene, effect, outcome, context)
        case GiveTranscript():
            return exporting.ended(scene, effect, outcome, context)
        case LookForSend():
            return sending.looked(scene, context)
        case FetchMedia() | ShowFile() | LookForFile():
            return media.ended(scene, effect, outcome, row, context)
        case _:
            assert_never(effect)


def _of_ticket(scene: Scene | None, effect: OfTicket, outcome: Outcome, context: Context) -> Decision | None:
    """What holds the desk, or leaves a doubt whether a post stands, is everybody's matter."""
    if scene is None:
        return nothing("no conversation")
    return None if isinstance(outcome, Held | Unsure) else tickets.ended(scene, effect, outcome, context)
