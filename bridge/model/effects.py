"""What must be done, in the imperative. Effects name what they are about; they carry no words and no vendor's terms."""

from __future__ import annotations

from datetime import datetime

from bridge.model.control import Move, MoveControl
from bridge.model.effect import Effect
from bridge.model.files import FetchMedia, LookForFile, PrepareFile, ShowFile
from bridge.model.gestures import MarkSeen, MoveToSpam, ReactToCustomer
from bridge.model.home import ShowHome
from bridge.model.ids import (
    AccountId,
    ConversationId,
    FileRef,
    MessageId,
    PersonRef,
    PostRef,
    RemoteId,
    ThreadId,
)
from bridge.model.looks import (
    GiveTranscript,
    KeepSubscribed,
    LearnApp,
    LearnGroup,
    LearnPerson,
    LearnProfile,
    LookForMessage,
    LookForPost,
    LookForSend,
    PostAside,
    ProbeDesk,
    ProbePlace,
    ProbeToken,
    ReadConversations,
    ReadHistory,
    ReadThread,
)
from bridge.model.notice import ShowRead, ShowTyping
from bridge.model.pins import PinAlert
from bridge.model.setup import AnswerAsker
from bridge.model.state import Said, Sign
from bridge.model.tickets import EditTicket, OfTicket, PostTicket, PutTicket, RedactTicket
from bridge.model.told import EditAlert, OfIncident, PostAlert, PostStage, TellOutside, TellOwner
from bridge.model.upkeep import ProbeAccount, RefreshLogin, Unsubscribe
from bridge.model.word import Word

__all__ = [
    "AnswerAsker", "AnyEffect", "Button", "ClearSign", "EditAlert", "EditTicket", "Effect", "FetchMedia", "GiveTranscript", "KeepSubscribed", "LearnApp", "LearnGroup",
    "LearnPerson", "LearnProfile", "LookForFile", "LookForMessage", "LookForPost", "LookForSend", "MarkSeen", "Move", "MoveControl", "MoveToSpam", "OfIncident",
    "OfTicket", "PinAlert", "PostAlert", "PostAside", "PostLine", "PostMessage", "PostRoot", "PostStage", "PostTicket", "PrepareFile", "ProbeAccount", "ProbeDesk",
    "ProbePlace", "ProbeToken", "PutTicket", "Queued", "ReactToCustomer", "ReadConversations", "ReadHistory", "ReadThread", "RedactTicket", "RedrawCard", "RedrawPost",
    "RefreshLogin", "RemoveFile", "RemovePost", "ReplaceLine", "RetireCard", "Revise", "SendToCustomer", "SetSign", "ShowFile", "ShowHome", "ShowRead", "ShowTyping",
    "TellOutside", "TellOwner", "TellPerson", "Unsubscribe",
]  # fmt: skip


# ── in the conversation's thread ──────────────────────────────────────────────────────────────────────────


class PostRoot(Effect, kw_only=True):
    """Put up the root card of a thread."""

    conversation: ConversationId
    thread: ThreadId
    bare: bool = False
    """The desk refused the picture: without it."""
    plain: bool = False
    """The desk refused it as drawn: as plain text, without pictures."""


class PostMessage(Effect, kw_only=True):
    """Show a customer's message (or what was written elsewhere) in the current thread."""

    conversation: ConversationId
    message: MessageId
    broadcast: bool = False
    """Also in the channel itself: with it the customer begins to wait."""
    bare: bool = False
    """The desk refused the picture: without it."""
    plain: bool = False
    """The desk refused it as drawn: as plain text, without pictures."""
    own: bool = False
    """An agent wrote it in a window: from now on this post is their message on the desk."""


class PostLine(Effect, kw_only=True):
    """One line in the thread that changes what an agent should do.

    root: in that earlier thread, not in the current one; its ``link`` leads to the current one.
    """

    conversation: ConversationId
    said: Said
    root: PostRef | None = None


class RedrawCard(Effect, kw_only=True):
    """Make the root card say what is true now, if it differs."""

    conversation: ConversationId
    stale: bool = False
    """The desk would not change it, and a person was asked: tried once more."""


class RetireCard(Effect, kw_only=True):
    """Make the root of an earlier thread say that its conversation goes on elsewhere, and no word of the customer's.

    message: whose words it may show; a person is asked when they were taken back and the desk does not change it.
    """

    conversation: ConversationId
    root: PostRef
    message: MessageId | None = None


class RedrawPost(Effect, kw_only=True):
    """Make a post say what is true now of the messages that stand in it.

    said: what it says instead, where it should have gone and could not. plain: the desk refused it as drawn.
    untold, root: as of the removal that was refused.
    """

    conversation: ConversationId
    ref: PostRef
    said: Said | None = None
    plain: bool = False
    untold: bool = False
    root: PostRef | None = None


class RemovePost(Effect, kw_only=True):
    """Take away a post of ours that must not stand any more.

    said: what it says instead when the desk will not take it away; a person is asked when that fails too. None: it
    stands in the wrong place, and nobody is asked.
    untold: a line is to say so once it is gone, in the thread under *root*; None: in the current one.
    """

    ref: PostRef
    conversation: ConversationId | None = None
    said: Said | None = None
    untold: bool = False
    root: PostRef | None = None


class RemoveFile(Effect, kw_only=True):
    """Take a file of ours off the desk. *ref*: the post that shows it, if one does."""

    conversation: ConversationId
    file: FileRef
    ref: PostRef | None = None


class Revise(Effect, kw_only=True):
    """Look again at what was drawn of a message before it changed: its turn comes when nothing older is under way."""

    conversation: ConversationId
    message: MessageId


# ── on an agent's own message, and to one person ──────────────────────────────────────────────────────────


class SetSign(Effect, kw_only=True):
    """Put a sign on an agent's message."""

    conversation: ConversationId
    message: MessageId
    sign: Sign


class ClearSign(Effect, kw_only=True):
    """Take a sign off an agent's message."""

    conversation: ConversationId
    message: MessageId
    sign: Sign


class Button(Word, kw_only=True):
    """A button: *act* is one of `bridge.model.facts.Act`, *label* a key of the wording catalogue's ``button.*``."""

    act: str
    label: Said
    style: str | None = None
    """``primary``, ``danger`` or None."""


class TellPerson(Effect, kw_only=True):
    """Say something to one person alone: privately in the thread within a minute of *about*, else directly, with a link.

    about: the desk message it is about (its thread is where a private line stands).
    message: what its buttons act on.
    question: always direct, because private lines are forgotten.
    """

    person: PersonRef
    said: Said
    about: PostRef
    root: PostRef | None
    at: datetime
    message: MessageId | None = None
    buttons: tuple[Button, ...] = ()
    question: bool = False
    conversation: ConversationId | None = None


class ReplaceLine(Effect, kw_only=True):
    """Put a sentence in the place of a line with buttons; *handle* is the desk's way back to it.

    about, root: the desk message that it was about, and the root of its thread: a link stands behind the sentence.
    """

    handle: str
    said: Said
    person: PersonRef
    conversation: ConversationId | None = None
    message: MessageId | None = None
    about: PostRef | None = None
    root: PostRef | None = None

    @property
    def lasts(self) -> bool:
        """Whether it stands for good, as any post: what only its reader sees goes by an address that ends soon."""
        return not self.handle.startswith(("https://", "http://"))


# ── to the customer ───────────────────────────────────────────────────────────────────────────────────────


class SendToCustomer(Effect, kw_only=True):
    """Send one part of an agent's reply; what it says is read from the reply when it goes.

    comment: it is the one private reply to this comment. film: it is sound or film, of which the network takes few a second.
    renewed: the network had the part's file once, and it was brought there once more. judged: it was refused as if the account
    were gone, and the network has been asked about that since.
    """

    conversation: ConversationId
    account: AccountId
    message: MessageId
    part: int
    comment: RemoteId | None = None
    film: bool = False
    renewed: bool = False
    judged: bool = False
    by: PersonRef | None = None
    """Who let it go, where that was somebody else than its author."""


AnyEffect = (
    PostRoot
    | PostMessage
    | PostLine
    | RedrawCard
    | RetireCard
    | RedrawPost
    | RemovePost
    | FetchMedia
    | ShowFile
    | LookForFile
    | RemoveFile
    | Revise
    | SetSign
    | ClearSign
    | ShowRead
    | TellPerson
    | ReplaceLine
    | SendToCustomer
    | PrepareFile
    | LookForSend
    | LookForPost
    | LearnProfile
    | LearnApp
    | MoveControl
    | MarkSeen
    | MoveToSpam
    | GiveTranscript
    | PostAside
    | ReactToCustomer
    | ShowTyping
    | LearnPerson
    | LearnGroup
    | ReadThread
    | KeepSubscribed
    | ProbeAccount
    | RefreshLogin
    | Unsubscribe
    | ReadConversations
    | ReadHistory
    | LookForMessage
    | ProbeDesk
    | ProbePlace
    | ProbeToken
    | PostAlert
    | EditAlert
    | PinAlert
    | PostStage
    | TellOwner
    | TellOutside
    | ShowHome
    | AnswerAsker
    | PutTicket
    | RedactTicket
    | PostTicket
    | EditTicket
)


class Queued(Word, kw_only=True):
    """An effect with its place in the outbox.

    position: orders a lane (microseconds since the epoch of the event it follows; 0: before all).
    rank: the order of spending when a target's budget is short; lower goes first.
    not_before: on the steady clock; None: at once.
    once: nothing is added while an unfinished row of the same lane and kind waits.
    """

    effect: AnyEffect
    lane: str
    target: str
    position: int
    rank: int
    not_before: datetime | None = None
    once: bool = False
    message: MessageId | None = None
