"""The house's own times and counts, and the two clocks by which rules go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bridge.model.axes import Platform
from bridge.model.files import FileTable
from bridge.model.ids import PlaceRef
from bridge.model.word import Word, field
from bridge.split import WireLimit


class Rules(Word, kw_only=True):
    """The times and counts of the house; operators' settings and tests change them, rules never read a clock."""

    routes_per_channel: int = 0
    """So many accounts of one platform may have their conversations in one channel; 0: any number."""
    mail: bool = True
    """A server is set that takes e-mail."""
    loopback: bool = False
    """Whether every other service is a stand-in on this machine, so that tickets may go to it, too."""
    icons: str = ""
    """What stands before the name of an account's picture in its address; empty: pictures cannot be reached."""
    rest: timedelta = timedelta(milliseconds=300)
    """An answer's rest before it may go, so that swapped events find their order."""
    introduction: timedelta = timedelta(milliseconds=500)
    """A first card rests so long for the customer's name, at most; their profile ends it."""
    sign_waiting: timedelta = timedelta(seconds=3)
    """An answer that waits longer than this shows the hourglass."""
    settle: timedelta = timedelta(seconds=60)
    """How long an unsure send, or an echo that fits nothing, holds its lane before a person is asked or told."""
    in_hand: timedelta = timedelta(seconds=2)
    """An echo that may be of a send in hand is looked at again after this: the send's own answer may say so by then."""
    look_after: tuple[timedelta, ...] = (timedelta(seconds=1), timedelta(seconds=8), timedelta(seconds=30))
    """When an unsure effect is looked for, counted from when it became unsure."""
    fact_wait: timedelta = timedelta(seconds=10)
    """How long a fact waits for what it lacks."""
    late: timedelta = timedelta(seconds=60)
    """What is shown more than this after it was written says when that was."""
    judging: timedelta = timedelta(seconds=5)
    """An answer that is refused as if the account were gone rests so long while the network is asked whether it is."""
    margin: timedelta = timedelta(seconds=60)
    """The card shows a close this much early."""
    closing: timedelta = timedelta(hours=1)
    """The card of who waits warns so long before the last close."""
    question: timedelta = timedelta(hours=1)
    """An unanswered question keeps the answer inside after this."""
    young: timedelta = timedelta(minutes=10)
    """Answers found late that are younger than this go; for older ones the author is asked."""
    reread: timedelta = timedelta(hours=24)
    """How far back threads are read after a gap in the desk's events."""
    own_post: timedelta = timedelta(minutes=2)
    """A post of ours that has not come back as an event by then is an incident."""
    automatic: timedelta = timedelta(minutes=5)
    """Nothing is said by itself to what is older than this, nor so much later than it was decided."""
    survey_every: timedelta = timedelta(days=7)
    """A customer is asked at most this often whether they are content."""
    private_line: timedelta = timedelta(seconds=60)
    """Until then a line stands privately in the thread; later it comes as a direct message."""
    card_pause: timedelta = timedelta(seconds=2)
    """A card is redrawn at most this often."""
    read_pause: timedelta = timedelta(seconds=4)
    """The sign of what was read moves at most this often in one conversation."""
    unseen: timedelta = timedelta(seconds=15)
    """What came less than this before an answer was written, its author cannot be taken to have seen."""
    profile_age: timedelta = timedelta(hours=24)
    """A customer's profile is asked for again when it is older than this and they write."""
    anonymous_age: timedelta = timedelta(hours=1)
    """The same, of customers of whom nothing is known."""
    file_turn: timedelta = timedelta(seconds=60)
    """What a customer wrote after a file waits so long for it; then the file comes when it can."""
    alert_rest: timedelta = timedelta(seconds=2)
    """An alert rests so long before it is told, so that those of one cause are told together."""
    max_attempts: int = 8
    """Tries that may fail for a row's own sake."""
    sinks: tuple[str, ...] = ()
    """By which ways somebody outside of the desk can be told that it fails."""
    ops_place: PlaceRef | None = None
    """Where alerts go that belong to no account, or whose account names no place for them."""
    files: Mapping[Platform, FileTable] = field(default_factory=dict)
    """What a network takes as files."""
    wire: Mapping[Platform, WireLimit] = field(default_factory=dict)
    """What one message on the wire may hold, per network."""
    apps: frozenset[str] = frozenset()
    """The network's ids of our own app; none: who has a conversation is told by which events reach us."""
    marks: frozenset[Platform] = frozenset()
    """Networks that give our mark back in every echo that names an app."""


class Moment(Word, kw_only=True):
    """Two clocks, passed in: *now* is what people and windows go by; *steady* never goes back and never stands still.

    Retries, rests, leases and pace are counted on the steady clock, so that a moved clock neither stops nor repeats them.
    """

    now: datetime
    steady: datetime
