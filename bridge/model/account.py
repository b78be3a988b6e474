"""A connected account, and what may be set for it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from bridge.model.automatic import AutomaticSettings
from bridge.model.axes import CardField, Health, Login, Platform, Wish
from bridge.model.ids import AccountId, GroupRef, PersonRef, PlaceRef, WorkspaceId
from bridge.model.word import Word


class AccountSettings(AutomaticSettings, kw_only=True):
    """What may be set for an account (the contract's names); a word has one other in front of it, and so these stand in a row."""

    channel: PlaceRef
    alerts_channel: PlaceRef | None = None
    owners: tuple[PersonRef, ...] = ()
    agents: tuple[PersonRef, ...] = ()
    agent_groups: tuple[GroupRef, ...] = ()
    """Nobody and no group named: every full member of the workspace may answer."""
    leads: tuple[PersonRef, ...] = ()
    lead_groups: tuple[GroupRef, ...] = ()
    """Who gives conversations to others. Nobody and no group named: whoever answers."""
    human_agent: bool = False
    ceiling: int = 1600
    """Grapheme clusters an agent may write in one go."""
    answer_mode: Literal["all", "explicit", "undo"] = "all"
    """Which of an agent's messages go: all but notes; those that are marked; all, after a while in which they can be stopped."""
    marked_until: datetime | None = None
    """When answers ceased to need a mark; what was written before and is heard since still needs one."""
    undo_seconds: int = 10
    """How long, in the last of these."""
    explicit_sign: str = "reply:"
    """How a marked message begins."""
    media: Literal["upload", "link"] = "upload"
    """Whether files that customers send are copied to the desk, or a link leads to the network's own copy."""
    card_fields: tuple[CardField, ...] | None = None
    """What cards show of a customer; None: all there is."""
    signature: Literal["none", "first", "alias"] = "none"
    """What customers read of who answered: nothing, the first word of what they may read of the agent, or all of it."""
    aliases: tuple[tuple[PersonRef, str], ...] = ()
    """What customers read of agents instead of their own names, wherever they read of them."""
    reactions_out: tuple[str, ...] = ()
    """Which of agents' reactions go to customers, by the desk's names of them; ``all``: every one."""
    seen: bool = False
    """Customers' messages are marked seen on the network when an answer has gone."""
    video_out: bool = True
    """Whether agents may send films."""
    comments: bool = False
    """Public comments are shown, and can be answered privately."""
    collisions: bool = False
    """An answer just behind what its author cannot have seen is asked about first."""
    reopen_days: int = 30
    """A conversation that was over goes on in its thread if the last message there is younger; else in a new one."""
    reauth_days: int = 0
    """Within how many days of each login the operator wants another one; 0: as long as the network accepts it."""
    shared_channel: bool = False
    """The operator insists on a channel that another company reads too."""


class Account(Word, kw_only=True):
    """A connected Page or Instagram professional account."""

    id: AccountId
    workspace: WorkspaceId
    platform: Platform
    remote_id: str
    name: str
    login: Login
    wish: Wish
    health: Health
    cause: str | None
    settings: AccountSettings
    icon: str | None = None
    """Which picture its posts bear, by the name under which it is given out."""
    hinted: bool = False
    """Its agents were told where the network's own app puts a conversation that an app has answered."""
