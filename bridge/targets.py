"""The targets that effects wait for, by their ids: what is held, delayed and paced together; and lanes that others name.

Rule: a target's id says its chain; `chain` is the one place that knows parents, `bridge.model.pace` the one that knows speeds.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import assert_never

from bridge.model.ids import AccountId, ConversationId, PlaceRef, PostRef, WorkspaceId
from bridge.model.outcomes import Scope
from bridge.model.state import Account

DESK = "desk"
"""How the ids of all desk targets begin."""
MEDIA = "media"
"""How the ids of targets begin by which files come: a side of their own, so that slow ones hold up nothing else."""
FILES = "files"
"""How the ids of targets begin by which agents' files are brought to the network: likewise."""
SINK = "sink"
"""How the ids of targets begin by which somebody outside of the desk is told."""
NETWORK = "network"
"""The top of every network target: an outage of the network, or a limit of the whole app."""


def desk_target(workspace: WorkspaceId) -> str:
    """Everything on one desk."""
    return f"desk:{workspace}"


def place_target(workspace: WorkspaceId, place: PlaceRef) -> str:
    """Posts into one place."""
    return f"desk:{workspace}:place:{place}"


def sends_target(account: AccountId) -> str:
    """Sends of one account."""
    return f"network:{account}:sends"


def private_target(account: AccountId) -> str:
    """Private replies of one account to comments, of which the network takes far fewer."""
    return f"network:{account}:private"


def films_target(account: AccountId) -> str:
    """Sends of one account that are sound or film, of which the network takes far fewer."""
    return f"network:{account}:films"


def files_target(account: AccountId) -> str:
    """Files that agents of one account send, on their way to the network."""
    return f"{FILES}:{account}"


def sending_targets(account: Account) -> tuple[str, ...]:
    """Where answers of an account wait that are for its customers."""
    sends = (sends_target(account.id), films_target(account.id))
    return (*sends, private_target(account.id)) if account.settings.comments else sends


def sends_lane(conversation: ConversationId) -> str:
    """The replies of one conversation, in order."""
    return f"network:{conversation}"


def card_lane(conversation: ConversationId) -> str:
    """What is drawn of one conversation's card."""
    return f"card:{conversation}"


def thread_lane(root: PostRef) -> str:
    """What is said in an earlier thread."""
    return f"thread:{root}"


def account_target(account: AccountId) -> str:
    """Everything of one account on the network."""
    return f"network:{account}"


def chain(target: str) -> tuple[str, ...]:
    """The target, its parent, and so on to the top."""
    match target.split(":"):
        case ["desk", workspace, "place", _]:
            return (target, f"desk:{workspace}:posts", f"desk:{workspace}")
        case ["desk", workspace, method, _]:
            return (target, f"desk:{workspace}:{method}", f"desk:{workspace}")
        case ["desk", workspace, _]:
            return (target, f"desk:{workspace}")
        case ["network", account, _] | ["files", account]:
            return (target, f"network:{account}", NETWORK)
        case ["network", _] | ["account", _]:
            return (target, NETWORK)
        case _:
            return (target,)


def side(target: str) -> str:
    """Which of the other sides a target belongs to: ``network``, ``desk``, or a word of its own."""
    return target.partition(":")[0]


def workspace_of(target: str) -> WorkspaceId:
    """The workspace of a desk target."""
    return WorkspaceId(target.split(":")[1])


def place_of(target: str) -> PlaceRef:
    """The place of a target that has one."""
    return PlaceRef(target.split(":")[3])


def has_place(target: str) -> bool:
    """Whether a target is one place's: its posts, or the signs and looks there."""
    return target.startswith("desk:") and target.count(":") == 3


def scoped(target: str, scope: Scope) -> str:
    """What an outcome of *scope* reaches, seen from the row's target; a chain's top stands for what would be above it."""
    steps = chain(target)
    match scope:
        case Scope.ROW | Scope.TARGET:
            return target
        case Scope.PARENT:
            return steps[min(1, len(steps) - 1)]
        case Scope.TOP:
            return steps[-1]
        case _:
            assert_never(scope)


@lru_cache(maxsize=1024)  # the same moment is written many times
def micros(at: datetime) -> int:
    """Microseconds since the epoch: the position of what happened at *at* in a lane."""
    return int(at.timestamp()) * 1_000_000 + at.microsecond
