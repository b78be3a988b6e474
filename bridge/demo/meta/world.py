"""What Meta knows: accounts, tokens, customers, and what stands on each customer's phone.

State only. Rules about sending are in `sending`, what is told to the bridge in `deliveries`.
"""

import asyncio
import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar

Platform = Literal["messenger", "instagram"]
Login = Literal["facebook", "instagram"]
Side = Literal["customer", "business"]
T = TypeVar("T")

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
STANDARD_WINDOW: Final = DAY
HUMAN_WINDOW: Final = 7 * DAY
AD_WINDOW: Final = (
    7 * DAY
)  # the first message after an ad: https://developers.facebook.com/docs/messenger-platform/policy/policy-overview
PAGE_SCOPES: Final = frozenset(
    {"pages_show_list", "pages_manage_metadata", "pages_messaging", "pages_read_engagement"}
    | {"instagram_basic", "instagram_manage_messages"}
)
INSTAGRAM_SCOPES: Final = frozenset({"instagram_business_basic", "instagram_business_manage_messages"})
COMMENT_SCOPES: Final = {"PAGE": "instagram_manage_comments", "INSTAGRAM": "instagram_business_manage_comments"}


@dataclass(kw_only=True)
class Bubble:
    """One thing on the phone's screen; `at` in seconds since the epoch.

    `needless_tag`: HUMAN_AGENT although the standard window was open, which Meta takes and a policy review does not.
    """

    mid: str
    from_: Side
    at: float
    text: str | None = None
    kind: str = "text"
    attachments: list[dict[str, Any]] = field(default_factory=list)
    reply_to: dict[str, Any] | None = None
    quick_replies: list[dict[str, Any]] = field(default_factory=list)
    tag: str | None = None
    messaging_type: str | None = None
    needless_tag: bool = False
    metadata: str | None = None
    app_id: str | None = None
    native: bool = False
    removed: bool = False
    edited: int = 0
    reactions: dict[Side, str] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        """As the demo page reads it."""
        shown = {name: value for name, value in vars(self).items() if name != "from_"}
        return shown | {"from": self.from_}


@dataclass(kw_only=True)
class Token:
    """An access token; times in seconds since the epoch, 0 for never. `subcode` says how it died.

    elsewhere: what it may was granted for other accounts of the same login alone.
    """

    value: str
    kind: Literal["PAGE", "USER", "INSTAGRAM"]
    owner: str
    issued_at: float
    expires_at: float = 0
    data_access_expires_at: float = 0
    scopes: set[str] = field(default_factory=set)
    dead: bool = False
    subcode: int | None = None
    elsewhere: bool = False


@dataclass(kw_only=True, eq=False)
class Customer:
    """A person as one account knows them: the id is scoped to that account.

    arriving: the ad or link they came through, until their first message brings it along.
    pictures: how many pictures they have had before this one.
    notes: what the phone shows that is no message: `at`, `kind`, `words`.
    """

    id: str
    account: "Account"
    name: str | None = None
    username: str | None = None
    profile: bool | str = True
    picture: bool = True
    bubbles: list[Bubble] = field(default_factory=list)
    last_act: float | None = None
    ad_act: float | None = None
    from_ad: bool = False
    typing: bool = False
    seen_at: float | None = None
    read_at: float | None = None
    blocked: bool = False
    spam: bool = False
    thread_owner: str | None = None
    arriving: dict[str, Any] | None = None
    followers: int = 42
    follows: bool = True
    verified: bool = False
    past_names: list[str] = field(default_factory=list)
    pictures: int = 0
    notes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def conversation(self) -> str:
        """The id the Conversations API gives their thread."""
        kind = "t_" if self.account.platform == "messenger" else "aWdfdDE6"
        return kind + hashlib.sha256(f"{self.account.id}:{self.id}".encode()).hexdigest()[:24]

    def note(self, kind: str, at: float, words: str = "") -> None:
        """Put a line on the phone that is no message."""
        self.notes.append({"at": at, "kind": kind, "words": words})

    def open(self, at: float) -> None:
        """Let an act of theirs at `at` open the window; a late, older act never shortens it."""
        self.last_act = max(at, self.last_act or 0.0)

    @property
    def standard_until(self) -> float | None:
        """When the standard window closes (half-open), in seconds since the epoch."""
        ends = [] if self.last_act is None else [self.last_act + STANDARD_WINDOW]
        if self.ad_act is not None:
            ends.append(self.ad_act + AD_WINDOW)
        return max(ends, default=None)

    @property
    def human_until(self) -> float | None:
        """When the human agent's window closes (half-open), in seconds since the epoch."""
        return None if self.last_act is None else self.last_act + HUMAN_WINDOW

    def json(self) -> dict[str, Any]:
        """As the demo page reads it."""
        window = {"standard_until": self.standard_until, "human_until": self.human_until}
        plain = {"id": self.id, "name": self.name, "username": self.username, "typing": self.typing}
        return plain | {
            "window": window,
            "blocked": self.blocked,
            "thread_owner": self.thread_owner,
            "past_names": self.past_names,
            "pictures": self.pictures,
            "notes": self.notes,
            "bubbles": [bubble.json() for bubble in self.bubbles],
        }


@dataclass(kw_only=True, eq=False)
class Account:
    """A Page or an Instagram professional account; `page` is the Page through which Instagram is reached.

    removed: the login has it no longer. unlinked: it and its Page know each other no longer.
    """

    id: str
    name: str
    platform: Platform
    login: Login
    token: str
    username: str | None = None
    page: str | None = None
    linked_instagram: str | None = None
    human_agent: bool = False
    creator: bool = False
    personal: bool = False
    eligible: bool = True
    awake: bool = True
    restriction: str | None = None
    removed: bool = False
    unlinked: bool = False
    default_app: str | None = None
    subscribed_fields: set[str] = field(default_factory=set)
    profile: dict[str, Any] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    usage: int | None = None
    regain_minutes: int = 0

    @property
    def app_scoped_id(self) -> str:
        """Instagram Login's `id`, which is not the id that webhooks use."""
        return "2" + self.id[1:]

    def json(self) -> dict[str, Any]:
        """As the demo page reads it, without the token."""
        hidden = {"token", "customers", "subscribed_fields"}
        plain = {name: value for name, value in vars(self).items() if name not in hidden}
        return plain | {
            "subscribed_fields": sorted(self.subscribed_fields),
            "customers": [customer.json() for customer in self.customers.values()],
        }


@dataclass(kw_only=True)
class Comment:
    """A comment under a post; it may be answered in private once. `at` in seconds since the epoch.

    live, over: on a broadcast, which has ended. change: as it was told; flat: on the entry itself.
    """

    id: str
    customer: Customer
    at: float
    answered: bool = False
    live: bool = False
    over: bool = False
    gone: bool = False
    flat: bool = False
    change: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class Call:
    """One call of the Graph API; `at` in seconds since the epoch, `outcome` is `ok`, an error's name or a fault's."""

    host: Literal["facebook", "instagram"]
    verb: str
    path: str
    method: str
    version: str
    arguments: dict[str, Any]
    at: float
    token: str | None
    outcome: str = "open"


class World:
    """Everything the stand-in remembers, and a signal at every change."""

    def __init__(self, *, clock: Callable[[], float], app_id: str) -> None:
        self.clock = clock
        self.app_id = app_id
        self.accounts: dict[str, Account] = {}
        self.picture_field = "profile_pic"
        self.tokens: dict[str, Token] = {}
        self.spoken: dict[str, tuple[Customer, Bubble]] = {}
        self.apps = {app_id: "Threadbridge"}
        self.comments: dict[str, Comment] = {}
        self.conversations: dict[str, Customer] = {}
        self.calls: list[Call] = []
        self.version = 0
        self._event = asyncio.Event()
        self._numbers = 0

    def number(self) -> int:
        """A number never given before; ids are built from it, so that a run can be repeated."""
        self._numbers += 1
        return self._numbers

    def mid(self, platform: Platform) -> str:
        """A message id as long and as odd as the real ones."""
        digest = hashlib.sha512(f"{platform}:{self.number()}".encode()).digest()
        if platform == "messenger":
            return "m_" + base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return "aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlE" + base64.urlsafe_b64encode(digest * 2).decode().replace("=", "ZD")

    def changed(self) -> None:
        """Wake everybody who waits for something to happen."""
        self.version += 1
        self._event.set()
        self._event = asyncio.Event()

    def show(self, customer: Customer, bubble: Bubble) -> Bubble:
        """Put a bubble on the customer's phone."""
        customer.bubbles.append(bubble)
        self.spoken[bubble.mid] = (customer, bubble)
        self.changed()
        return bubble

    def meet(self, customer: Customer) -> Customer:
        """Let an account know a person."""
        if customer.id in customer.account.customers:
            raise ValueError("the account has a customer with this id already")
        customer.account.customers[customer.id] = customer
        self.conversations[customer.conversation] = customer
        self.changed()
        return customer

    def held_by_us(self, customer: Customer) -> bool:
        """Whether the bridge's app may answer: it, or nobody, has the conversation.

        An owner whose customer has been silent for a day has it no longer; then the default app may answer, or
        everybody where there is none.
        """
        last = customer.last_act
        idle = last is not None and self.clock() >= last + DAY
        owner = None if idle else customer.thread_owner
        return (owner or customer.account.default_app) in {None, self.app_id}

    def installation(self, account: Account) -> Account:
        """The account whose `subscribed_apps` counts: Instagram through Facebook Login rides on its Page's."""
        return self.accounts[account.page] if account.page else account

    def behind(self, token: Token) -> list[Account]:
        """The accounts a Page's or an Instagram user's token speaks for, the one called `me` first."""
        mine = [a for a in self.accounts.values() if token.owner in {a.id, a.page}]
        return sorted(mine, key=lambda account: account.id != token.owner)

    async def until(self, predicate: Callable[[], T], *, seconds: float, dump: Callable[[], str]) -> T:
        """Wait until `predicate` gives something true, and give that; AssertionError after `seconds`."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not (value := predicate()):
            event = self._event
            try:
                async with asyncio.timeout_at(deadline):
                    await event.wait()
            except TimeoutError:
                if value := predicate():
                    return value
                raise AssertionError(f"not within {seconds} s\n{dump()}") from None
        return value
