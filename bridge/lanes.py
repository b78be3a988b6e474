"""Where each effect waits: its lane (order), its target (pace and holding) and its rank (who goes first when pace is short).

Rule 1: what must stay in order shares a lane; nothing else does. A waiting head holds its lane, and only that.
Rule 2: targets stand in `bridge.targets`.
Rule 3: ranks are the order of spending: a new conversation before a customer's message before signs before cards.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

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
    OfIncident,
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
    Queued,
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
from bridge.model.ids import AccountId, MessageId, PlaceRef, PostRef, place_of_post
from bridge.model.state import Sign
from bridge.targets import (
    DESK,
    FILES,
    MEDIA,
    NETWORK,
    SINK,
    account_target,
    card_lane,
    chain,
    desk_target,
    files_target,
    films_target,
    has_place,
    micros,
    place_of,
    place_target,
    private_target,
    scoped,
    sending_targets,
    sends_lane,
    sends_target,
    side,
    thread_lane,
    workspace_of,
)

__all__ = [
    "DESK", "FILES", "MEDIA", "NETWORK", "OF_ACCOUNTS", "RANK_CARD", "RANK_CLEAR", "RANK_HISTORY", "RANK_MESSAGE",
    "RANK_ROOT", "RANK_SENT", "RANK_TROUBLE", "SIGNS", "LookingAtTheDesk", "OfHistory", "OnTheNetwork", "ToPeople",
    "account_target", "card_lane", "chain", "desk_target", "files_target", "films_target", "has_place", "look_again",
    "micros", "place_of", "place_target", "private_target", "queue", "scoped", "sending_targets", "sends_lane",
    "sends_target", "side", "thread_lane", "workspace_of",
]  # fmt: skip

RANK_ROOT, RANK_MESSAGE, RANK_TROUBLE, RANK_SENT, RANK_CLEAR, RANK_CARD = 10, 20, 30, 40, 50, 60
RANK_HISTORY = 70
SIGNS = {Sign.SENT: RANK_SENT, Sign.INSIDE: RANK_SENT, Sign.READ: RANK_CLEAR}
"""Signs that tell of no trouble."""


def queue(
    effect: AnyEffect,
    *,
    position: int,
    place: PlaceRef | None = None,
    not_before: datetime | None = None,
    rank: int | None = None,
) -> Queued:
    """Give an effect its place. *place*: where it posts or signs, for effects that do not name it themselves."""
    lane, target, usual, message, once = _placed(effect, place)
    return Queued(
        effect=effect,
        lane=lane,
        target=target,
        position=position,
        rank=usual if rank is None else rank,
        not_before=not_before,
        once=once,
        message=message,
    )


OF_ACCOUNTS = (KeepSubscribed, ReadConversations, ProbeAccount, RefreshLogin, Unsubscribe)
"""What belongs to an account as a whole, and to no conversation."""
OfHistory = KeepSubscribed | ReadConversations | ReadHistory | LookForMessage
"""Effects for what no delivery told."""
OfUpkeep = ProbeAccount | RefreshLogin | Unsubscribe
"""What keeps an account connected, or ends that."""
OnTheNetwork = (
    SendToCustomer
    | PrepareFile
    | LookForSend
    | LearnProfile
    | LearnApp
    | MoveControl
    | MarkSeen
    | ReactToCustomer
    | MoveToSpam
    | ShowTyping
    | OfHistory
    | OfUpkeep
)
"""Effects whose target is an account's."""
OnTheDesk = (
    SetSign
    | RedrawCard
    | PostMessage
    | PostRoot
    | ShowFile
    | PostLine
    | FetchMedia
    | RetireCard
    | RemovePost
    | RedrawPost
    | RemoveFile
    | Revise
    | ClearSign
    | ShowRead
)
"""Effects in conversations' threads, and what is brought for them; the first are the most frequent."""
LookingAtTheDesk = (
    LookForPost | LookForFile | ReadThread | LearnPerson | LearnGroup | ProbeDesk | ProbeToken | ProbePlace
)
"""Effects that only ask the desk."""
ToPeople = TellPerson | AnswerAsker | ReplaceLine | GiveTranscript | PostAside | OfIncident | ShowHome
"""What is for one person's eyes, or for an alerts channel."""


def look_again(shown: PostMessage, *, position: int = 0) -> Queued:
    """Look again at what was drawn of a message, as soon as nothing older of its conversation is under way."""
    effect = Revise(workspace=shown.workspace, conversation=shown.conversation, message=shown.message)
    return queue(effect, position=position)


def _placed(effect: AnyEffect, place: PlaceRef | None) -> tuple[str, str, int, MessageId | None, bool]:
    """Lane, target, rank, the reply it belongs to, and whether one waiting row of its kind is enough."""
    if isinstance(effect, OnTheDesk):
        return _placed_on_the_desk(effect, place)
    if isinstance(effect, OnTheNetwork):
        return _placed_on_the_network(effect)
    if isinstance(effect, LookingAtTheDesk):
        return _placed_looking(effect)
    if isinstance(effect, OfTicket):
        return _placed_about_ticket(effect)
    return _placed_to_people(effect)


def _placed_on_the_desk(  # noqa: C901 - a table: one row for each effect
    effect: OnTheDesk, place: PlaceRef | None
) -> tuple[str, str, int, MessageId | None, bool]:
    desk = desk_target(effect.workspace)
    match effect:
        case SetSign(message=message, sign=sign):
            return f"sign:{message}", _there(f"{desk}:sign", place), SIGNS.get(sign, RANK_TROUBLE), None, False
        case RedrawCard(conversation=conversation):
            return card_lane(conversation), f"{desk}:card", RANK_CARD, None, True
        case PostRoot(conversation=conversation):
            return f"desk:{conversation}", _posts(desk, place), RANK_ROOT, None, False
        case (
            PostMessage(conversation=conversation, message=message)
            | ShowFile(conversation=conversation, message=message)
        ):
            return f"desk:{conversation}", _posts(desk, place), RANK_MESSAGE, message, False
        case PostLine(root=str(root)):
            return thread_lane(PostRef(root)), _posts(desk, place), RANK_MESSAGE, None, True
        case PostLine(conversation=conversation):
            return f"desk:{conversation}", _posts(desk, place), RANK_MESSAGE, None, False
        case FetchMedia(conversation=conversation, message=message):
            # One after another for one customer: slow ones of theirs take one place among all that come.
            return f"media:{conversation}", f"{MEDIA}:{effect.workspace}", RANK_MESSAGE, message, False
        case RetireCard(conversation=conversation):
            # Behind a drawing of the same root that is under way; and of several roots each has its own turn.
            return card_lane(conversation), f"{desk}:card", RANK_CARD, None, False
        case RemovePost(ref=ref):
            return f"remove:{ref}", _there(f"{desk}:remove", place_of_post(ref)), RANK_TROUBLE, None, True
        case RedrawPost(ref=ref):
            return f"redraw:{ref}", _there(f"{desk}:card", place_of_post(ref)), RANK_TROUBLE, None, True
        case RemoveFile(file=file):
            return f"unfile:{file}", f"{desk}:unfile", RANK_TROUBLE, None, True
        case Revise(conversation=conversation):
            return f"desk:{conversation}", f"{desk}:revise", RANK_MESSAGE, None, False
        case ClearSign(message=message):
            return f"sign:{message}", _there(f"{desk}:unsign", place), RANK_CLEAR, None, False
        case ShowRead(conversation=conversation):
            return f"eyes:{conversation}", f"{desk}:read", RANK_CLEAR, None, True
        case _:
            assert_never(effect)


def _placed_to_people(effect: ToPeople) -> tuple[str, str, int, MessageId | None, bool]:
    desk = desk_target(effect.workspace)
    match effect:
        case TellPerson(about=about):
            return f"person:{effect.person}:{about}", f"{desk}:private", RANK_TROUBLE, None, False
        case AnswerAsker(person=person):
            return f"asker:{effect.workspace}:{person}", f"{desk}:private", RANK_TROUBLE, None, False
        case ReplaceLine(handle=handle):
            return f"line:{handle}", f"{desk}:line", RANK_TROUBLE, None, False
        case ShowHome(person=person, opened=True):  # somebody waits for it: before all that is only to be kept true
            return f"home:{effect.workspace}:{person}:opened", f"{desk}:home", RANK_ROOT, None, True
        case ShowHome(person=person):
            return f"home:{effect.workspace}:{person}", f"{desk}:home", RANK_CARD, None, True
        case PostAside(message=message, place=where):
            return f"aside:{message}", _posts(desk, where), RANK_MESSAGE, message, False
        case GiveTranscript(conversation=conversation, person=person):
            return f"transcript:{conversation}:{person}", f"{desk}:files", RANK_TROUBLE, None, True
        case _:
            return _placed_of_incident(effect)


def _placed_of_incident(effect: OfIncident) -> tuple[str, str, int, MessageId | None, bool]:
    desk = desk_target(effect.workspace)
    match effect:
        case PostAlert(place=where) | PostStage(place=where):
            return f"ops:{where}:{effect.incident}", _posts(desk, where), RANK_TROUBLE, None, False
        case EditAlert(place=where):
            return f"ops:{where}:{effect.incident}", f"{desk}:card", RANK_TROUBLE, None, True
        case PinAlert(ref=ref):
            return f"pin:{ref}", f"{desk}:pin", RANK_CARD, None, False
        case TellOutside(sink=sink):
            return f"sink:{sink}:{effect.workspace}:{effect.incident}", f"{SINK}:{sink}", RANK_TROUBLE, None, True
        case TellOwner(again=str(line)):
            return f"line:{line}", f"{desk}:line", RANK_TROUBLE, None, True
        case TellOwner(person=person):
            return f"owner:{person}:{effect.incident}", f"{desk}:private", RANK_TROUBLE, None, True
        case _:
            assert_never(effect)


TICKETS = f"{SINK}:tickets:"


def tickets_target(account: AccountId) -> str:
    """What an account's tickets wait for, where they leave the desk."""
    return f"{TICKETS}{account}"


def _placed_about_ticket(effect: OfTicket) -> tuple[str, str, int, MessageId | None, bool]:
    """One after another for one ticket; what an account's system does not take holds up no other account's."""
    desk, lane = desk_target(effect.workspace), f"ticket:{effect.ticket}"
    match effect:
        case PutTicket(account=account) | RedactTicket(account=account):
            return lane, tickets_target(account), RANK_TROUBLE, None, False
        case PostTicket(place=where):
            return lane, _posts(desk, where), RANK_TROUBLE, None, False
        case EditTicket():
            return lane, f"{desk}:card", RANK_CARD, None, True
        case _:
            assert_never(effect)


def _placed_looking(effect: LookingAtTheDesk) -> tuple[str, str, int, MessageId | None, bool]:
    desk = desk_target(effect.workspace)
    match effect:
        case LookForFile(row=row):
            return f"find:{row}", f"{desk}:files", RANK_TROUBLE, None, True
        case LookForPost(row=row, place=where):
            return f"find:{row}", _there(f"{desk}:threads", where), RANK_TROUBLE, None, True
        case ReadThread(conversation=conversation):
            return f"reread:{conversation}", f"{desk}:threads", RANK_CARD, None, True
        case LearnPerson(person=person):
            return f"learn:{effect.workspace}:{person}", f"{desk}:people", RANK_ROOT, None, True
        case LearnGroup(group=group):
            # Apart from people: a workspace may not let us see its groups, and named people answer all the same.
            return f"learn:{effect.workspace}:{group}", f"{desk}:groups", RANK_ROOT, None, True
        case ProbeDesk():
            return f"probe:{effect.workspace}", f"probe:{effect.workspace}", RANK_ROOT, None, True
        case ProbeToken():
            return f"{desk}:token", f"{desk}:token", RANK_CARD, None, True
        case ProbePlace(place=where):
            return f"probe:{effect.workspace}:{where}", f"probe:{effect.workspace}", RANK_CARD, None, True
        case _:
            assert_never(effect)


def _placed_on_the_network(effect: OnTheNetwork) -> tuple[str, str, int, MessageId | None, bool]:
    match effect:
        case SendToCustomer(conversation=conversation, message=message):
            return sends_lane(conversation), _by_way(effect), RANK_MESSAGE, message, False
        case PrepareFile(account=account, conversation=conversation, message=message):
            return sends_lane(conversation), files_target(account), RANK_MESSAGE, message, False
        case LookForSend(account=account, conversation=conversation):
            return f"read:{conversation}", f"network:{account}:reads", RANK_MESSAGE, None, True
        case LearnProfile(account=account, customer=customer):
            return f"profile:{customer}", f"network:{account}:profiles", RANK_CARD, None, True
        case LearnApp(account=account, app=app):
            return f"app:{effect.workspace}:{app}", f"network:{account}:profiles", RANK_MESSAGE, None, True
        case MoveControl(account=account, conversation=conversation):
            return f"control:{conversation}", f"network:{account}:control", RANK_ROOT, None, False
        case MarkSeen(account=account, conversation=conversation):
            return f"seen:{conversation}", f"network:{account}:seen", RANK_CARD, None, True
        case MoveToSpam(account=account, conversation=conversation):
            return f"spam:{conversation}", f"network:{account}:seen", RANK_CARD, None, True
        case ReactToCustomer(account=account, message=message):
            return f"react:{message}", f"network:{account}:seen", RANK_SENT, None, False
        case ShowTyping(account=account, conversation=conversation, message=message):
            return f"typing:{conversation}", f"network:{account}:seen", RANK_SENT, message, False
        case ProbeAccount() | RefreshLogin() | Unsubscribe():  # asked also while everything else of the account is held
            # Its end goes behind what subscribes it and is under way.
            lane = "subscribed" if isinstance(effect, Unsubscribe) else "account"
            return f"{lane}:{effect.account}", f"account:{effect.account}", RANK_TROUBLE, None, True
        case _:
            return _placed_for_history(effect)


def _by_way(send: SendToCustomer) -> str:
    """Of its account's targets the one for what it sends."""
    if send.comment is not None:
        return private_target(send.account)
    return films_target(send.account) if send.film else sends_target(send.account)


def _placed_for_history(effect: OfHistory) -> tuple[str, str, int, MessageId | None, bool]:
    """Pages of one account follow each other, behind everything else that reads; who asks waits for nobody."""
    reads = f"network:{effect.account}:reads"
    match effect:
        case KeepSubscribed(account=account, answer=answer):
            return f"subscribed:{account}", f"network:{account}:subscription", RANK_HISTORY, None, answer is None
        case ReadConversations(account=account):
            return f"history:{account}", reads, RANK_HISTORY, None, False
        case ReadHistory(account=account, conversation=conversation):
            return f"history:{account}:{conversation}", reads, RANK_HISTORY, None, True
        case LookForMessage(message=message):
            return f"exists:{message}", reads, RANK_TROUBLE, None, False
        case _:
            assert_never(effect)


def _there(method: str, place: PlaceRef | None) -> str:
    """One kind of call in one place: when the place is closed to us, the others go on."""
    return method if place is None else f"{method}:{place}"


def _posts(desk: str, place: PlaceRef | None) -> str:
    if place is None:
        raise ValueError("an effect that posts needs its place")
    return f"{desk}:place:{place}"
