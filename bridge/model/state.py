"""State on separate axes, never in one enum (docs/glossary.md has the words)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bridge.model.account import Account, AccountSettings
from bridge.model.automatic import Spoken
from bridge.model.axes import (
    AttachmentState,
    Author,
    Block,
    CardField,
    Control,
    Health,
    Login,
    Opener,
    PartState,
    PersonKind,
    Platform,
    ReplyState,
    Sign,
    Window,
    Wish,
    Work,
)
from bridge.model.comment import Comment
from bridge.model.ids import (
    AccountId,
    ConversationId,
    CustomerId,
    FileRef,
    GroupRef,
    MessageId,
    PersonRef,
    PlaceRef,
    PostRef,
    RemoteId,
    ThreadId,
    WorkspaceId,
)
from bridge.model.incident import Incident
from bridge.model.pieces import Attachment, Part, Reaction
from bridge.model.tickets import Ticket
from bridge.model.value import Value
from bridge.model.word import Word, field

__all__ = [
    "INSTAGRAM_INBOX",
    "NO_PREVIEW",
    "OWN_INBOXES",
    "PAGE_INBOX",
    "UNKNOWN",
    "Account",
    "AccountSettings",
    "Attachment",
    "AttachmentState",
    "Author",
    "Block",
    "CardField",
    "Control",
    "Conversation",
    "Customer",
    "Health",
    "Incident",
    "Known",
    "Login",
    "Message",
    "Opener",
    "Part",
    "PartState",
    "Person",
    "PersonKind",
    "Platform",
    "Post",
    "ReplyState",
    "Said",
    "Sign",
    "Thread",
    "Value",
    "Window",
    "Wish",
    "Work",
    "Workspace",
]

UNKNOWN: Final = "unknown"
"""The kind of what this version cannot read; its raw form stays in the inbox for a later one."""

NO_PREVIEW: Final = frozenset({
    "ad", "ad_untitled", "edited", "feedback", "named", "rating", "reaction", "reaction_removed", "referral", "referral_named",
    "referral_site", "renamed", "subscribed", "subscribed_to", "subscription_stopped", "survey", "unsent",
    "wrote_through_site",
})  # fmt: skip
"""Kinds that no card shows: what asks nothing, and what is known only by its change."""

PAGE_INBOX, INSTAGRAM_INBOX = "page_inbox", "instagram_inbox"
"""Apps of the network's own, in which people of the business answer: the names that stand for their ids."""
OWN_INBOXES = frozenset({PAGE_INBOX, INSTAGRAM_INBOX})


class Said(Word, kw_only=True):
    """A sentence by its key in the wording catalogue, with its values; worded in the reader's language."""

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)


class Workspace(Word, kw_only=True):
    """One installation on a desk; *bot* is the bridge itself there, as a person and as an author of posts."""

    id: WorkspaceId
    name: str
    url: str
    language: str
    bot_person: PersonRef
    bot_author: str


class Customer(Word, kw_only=True):
    """Who writes; without a readable profile every field but the ids is None."""

    id: CustomerId
    remote_id: str
    name: str | None = None
    username: str | None = None
    picture: str | None = None
    followers: int | None = None
    """How many follow them; this and the next two only where the network tells."""
    follows: bool | None = None
    """Whether they follow the account."""
    verified: bool | None = None
    """Whether the network vouches for who they are."""
    profile_at: datetime | None = None
    """When the profile was last asked for; None: never."""
    comments_as: str | None = None
    """The network's id of them as the author of comments, where it differs from the one of their messages."""
    blocked: Block | None = None
    """What they write is kept and not shown; who said so, when, and how much came since."""
    blocked_by: PersonRef | None = None
    blocked_at: datetime | None = None
    blocked_count: int = 0

    @property
    def suffix(self) -> str:
        """A short stable mark, so that two anonymous customers differ."""
        return f"{self.id % 1679616:04x}"[-4:].upper()


class Thread(Word, kw_only=True):
    """One mirror of a conversation on the desk; *ref* is None until its root stands."""

    id: ThreadId
    place: PlaceRef
    ref: PostRef | None = None
    gone: bool = False


class Conversation(Word, kw_only=True):
    """One customer on one account. Times are the customer's event times, aware, UTC."""

    id: ConversationId
    workspace: WorkspaceId
    account: AccountId
    customer: CustomerId
    work: Work = Work.ANSWERED
    control: Control = Control.OURS
    controller: str | None = None
    """The network's id of the other app that has it, or had it last; None: not known."""
    control_at: datetime | None = None
    """The time of the newest event that told who has it; None: nothing ever did."""
    wanted_by: str | None = None
    """The network's id of the app that asks for it, and whom no agent has answered yet."""
    ad_at: datetime | None = None
    """When the customer came from an ad and has not said anything since; None: they did not, or have."""
    opened_by: Opener | None = None
    opens_at: datetime | None = None
    standard_close: datetime | None = None
    human_close: datetime | None = None
    waiting_since: datetime | None = None
    heard_at: datetime | None = None
    """When what wants an answer was heard last, by the steady clock: what was queued before knew nothing of it."""
    heard_from: datetime | None = None
    """When that was written."""
    answered_at: datetime | None = None
    answered_by: PersonRef | None = None
    answered_app: str | None = None
    """Answered last by nobody of ours: the network's id of the app, where it is known."""
    owner: PersonRef | None = None
    """Who looks after it."""
    owner_group: GroupRef | None = None
    """Or which group does."""
    outcome: str | None = None
    """How it ended when it was last closed, in a word or two of the house's own."""
    worked_by: PersonRef | None = None
    """Who last closed it, opened it again or put it off; and when."""
    worked_at: datetime | None = None
    written_by: PersonRef | None = None
    """Whose answer was queued last, where the account asks about collisions; and when it was written."""
    written_at: datetime | None = None
    read_up_to: datetime | None = None
    """The customer has read what was said until then, by the network's clock."""
    eyes: MessageId | None = None
    """The answer that bears the sign of what was read."""
    snoozed_until: datetime | None = None
    """When it is due again, where it was put off."""
    last_at: datetime | None = None
    preview: MessageId | None = None
    """The customer's message that the card shows; the card holds no words of its own."""
    told_until: datetime | None = None
    """The next close at which the card must change; None: none ahead."""
    alert_at: datetime | None = None
    """When something is due to be said of its windows in the alerts channel; None: nothing ahead."""
    alerted: str | None = None
    """What was told there of its closes, each with its stage (`bridge.rules.desk.closing`)."""
    ticket_at: datetime | None = None
    """When a ticket is due to be made by itself; None: nothing ahead."""
    ticket: Ticket | None = None
    """The latest that was made."""
    unsure: int = 0
    """Replies of which nobody knows whether they arrived."""
    comments: tuple[Comment, ...] = ()
    """What the customer has said in public, the oldest first."""
    spoken: Spoken = Spoken()
    """What the bridge has said by itself."""
    forwarded_to: AccountId | None = None
    """In whose channel it goes on; what is answered there still goes by its own account."""
    thread: Thread | None = None


class Post(Word, kw_only=True):
    """A post of ours that shows messages, or one file of a message."""

    ref: PostRef
    messages: tuple[MessageId, ...]
    file: FileRef | None = None


class Message(Word, kw_only=True):
    """What somebody said. Words stand here and nowhere else."""

    id: MessageId
    conversation: ConversationId
    author: Author
    at: datetime
    text: str | None
    kind: str = "text"
    """``text``, or what stands for it: a key of the wording catalogue's ``kind.*``."""
    remote_id: RemoteId | None = None
    ref: PostRef | None = None
    """An agent's own message on the desk."""
    thread: ThreadId | None = None
    person: PersonRef | None = None
    state: ReplyState | None = None
    reason: Said | None = None
    """Why it was refused, is asked about or stays inside."""
    sign: Sign | None = None
    """The sign that stands on it, or is on its way there."""
    signature: str | None = None
    """What stands under it on the wire: who wrote it."""
    sent_at: datetime | None = None
    """When the network took the last of it, as well as that is known."""
    split: bool = False
    """Its author agreed to more messages than the ceiling allows in one go."""
    smaller: bool = False
    """Its author agreed that pictures are made smaller, where the network takes them no larger."""
    edited_at: datetime | None = None
    """When its author last changed it."""
    edits: int = 0
    """How often the network says that its author changed it."""
    about: RemoteId | None = None
    """The network's id of the message that it answers or reacts to."""
    app: str | None = None
    """Of what was written elsewhere: the network's id of the app that sent it, where it is known."""
    found_later: bool = False
    """Read from the network's history, because no delivery told of it."""
    unsent_at: datetime | None = None
    """When its author took it back: nothing of its words is left."""
    reacted: str | None = None
    """The reaction of ours that the network shows on it, or is about to."""
    reactions: tuple[Reaction, ...] = ()
    """Those of agents' that may go to the network and stand on the desk, the oldest first."""
    withheld: bool = False
    """Its author is blocked: it stands nowhere on the desk."""
    attachments: tuple[Attachment, ...] = ()
    queued_at: datetime | None = None
    """When it last began to wait; of a customer's, when it came behind something newer. On the steady clock."""
    parts: tuple[Part, ...] = ()


class Person(Word, kw_only=True):
    """Somebody on the desk, as last learnt."""

    ref: PersonRef
    kind: PersonKind
    name: str
    language: str | None = None
    picture: str | None = None
    """Where the desk shows what they look like."""
    admin: bool | None = None
    """Whether they may change the workspace itself; None: not asked yet, or the desk does not tell."""


class Known(Word, kw_only=True):
    """What the store knows of those a raw item speaks of."""

    people: dict[PersonRef, Person] = field(default_factory=dict)
    groups: dict[GroupRef, tuple[PersonRef, ...]] = field(default_factory=dict)
