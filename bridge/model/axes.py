"""The axes on which state stands, each an enumeration of its own (docs/glossary.md has the words)."""

from __future__ import annotations

from enum import StrEnum


class Platform(StrEnum):
    """Where customers write."""

    INSTAGRAM = "instagram"
    MESSENGER = "messenger"


class Login(StrEnum):
    """By which of the network's logins an account was connected."""

    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"


class Wish(StrEnum):
    """What the operator wants of an account."""

    ON = "on"
    PAUSED = "paused"
    REMOVED = "removed"


class Health(StrEnum):
    """What the network allows an account; the cause stands beside it."""

    PENDING = "pending"
    READY = "ready"
    NEEDS_REAUTHENTICATION = "needs_reauthentication"
    RESTRICTED = "restricted"
    NOT_ELIGIBLE = "not_eligible"


class Work(StrEnum):
    """Whose turn it is in a conversation."""

    WAITING = "waiting"
    ANSWERED = "answered"
    SNOOZED = "snoozed"
    CLOSED = "closed"


class Window(StrEnum):
    """Which of the two windows a conversation is in; derived from its two closes and the time."""

    STANDARD = "standard"
    HUMAN = "human"
    LAPSED = "lapsed"


class Control(StrEnum):
    """Who may answer: we, or another app of the same account."""

    OURS = "ours"
    OTHER = "other"


class Opener(StrEnum):
    """The customer's act that opened the window."""

    MESSAGE = "message"
    POSTBACK = "postback"
    AD_MESSAGE = "ad_message"
    """The first message after a click on an ad."""
    AD_CLICK = "ad_click"
    """The click alone opens nothing: it makes an `AD_MESSAGE` of the next message."""
    AD_POSTBACK = "ad_postback"
    """A button pressed in an ad's own conversation: it opens as any button does, and is a click on the ad as well."""
    LINK = "link"
    PLUGIN = "plugin"
    """A button on a website that begins a conversation."""
    REACTION = "reaction"


ASKS = (Opener.MESSAGE, Opener.POSTBACK, Opener.AD_MESSAGE, Opener.AD_POSTBACK)
"""Acts that want an answer; a heart under ours opens the window all the same, and nobody waits."""


class CardField(StrEnum):
    """What a card may show besides the name and the state: the values of the setting ``card_fields``."""

    USERNAME = "username"
    PICTURE = "picture"
    PLATFORM = "platform"
    ACCOUNT = "account"
    PREVIEW = "preview"
    FOLLOWERS = "followers"
    FOLLOWS = "follows"
    VERIFIED = "verified"


class Author(StrEnum):
    """Who said a message."""

    CUSTOMER = "customer"
    AGENT = "agent"
    ELSEWHERE = "elsewhere"
    """Somebody of the business, outside the bridge: the native app, or another app."""
    BRIDGE = "bridge"
    """Nobody: the bridge by itself."""


class ReplyState(StrEnum):
    """How far an agent's message has come. Final: SENT, NOTE, WITHDRAWN; REFUSED and UNSURE end by a person's act."""

    WAITING = "waiting"
    ASKING = "asking"
    """Its author was asked whether it may go; nothing of it waits in the outbox."""
    SENT = "sent"
    REFUSED = "refused"
    UNSURE = "unsure"
    """A person was asked whether it arrived."""
    NOTE = "note"
    """Stays inside: a private note, or kept inside after a question."""
    WITHDRAWN = "withdrawn"


class PartState(StrEnum):
    """How far one part of a reply has come over the wire."""

    READY = "ready"
    SENT = "sent"
    REFUSED = "refused"
    UNSURE = "unsure"


class AttachmentState(StrEnum):
    """How far something that came with a message has come on the desk."""

    LISTED = "listed"
    """A line tells of it, with its address where it has one; nothing of it is copied."""
    FETCHING = "fetching"
    """On its way from the network to the desk."""
    STORED = "stored"
    """The desk has the file, and it does not stand in the thread yet."""
    SHOWN = "shown"
    FAILED = "failed"
    """The file cannot be shown: the line tells why, with the address."""
    GONE = "gone"
    """It can be seen no longer: its time is over, or it was taken back."""


class Sign(StrEnum):
    """What an agent sees on their own message."""

    SENT = "sent"
    WAITING = "waiting"
    REFUSED = "refused"
    UNSURE = "unsure"
    INSIDE = "inside"
    READ = "read"
    """Beside the sign of what was sent: the customer has read it, and nothing of ours after it."""


class PersonKind(StrEnum):
    """What the desk says a person is."""

    MEMBER = "member"
    GUEST = "guest"
    STRANGER = "stranger"
    """Of another company, in a shared place."""
    BOT = "bot"
    GONE = "gone"


class Block(StrEnum):
    """How a customer's messages are kept from the desk."""

    BLOCKED = "blocked"
    SPAM = "spam"
    """And moved to the network's own folder for that."""
