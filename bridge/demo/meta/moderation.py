"""What a business may do about somebody who bothers it: block them on the network, or move what they wrote to the spam.

https://developers.facebook.com/documentation/business-messaging/instagram-messaging/features/moderate-conversations
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bridge.demo.meta.errors import GraphError
from bridge.demo.meta.world import Account, World

EDGE: Final = "moderate_conversations"
ACTIONS: Final = frozenset({"block_user", "unblock_user", "ban_user", "unban_user", "move_to_spam"})
MOST_IDS, MOST_ACTIONS = 10, 2


def moderate(world: World, accounts: Sequence[Account], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Do it to everybody who is named; each must have written before."""
    users, actions = arguments.get("user_ids"), arguments.get("actions")
    if not isinstance(users, list) or not 0 < len(users) <= MOST_IDS:
        raise GraphError(100, message="Param user_ids must be an array of at most 10 objects")
    if not isinstance(actions, list) or not 0 < len(actions) <= MOST_ACTIONS or not set(actions) <= ACTIONS:
        raise GraphError(100, message="Param actions must be an array of at most 2 known actions")
    named = [each.get("id") for each in users if isinstance(each, Mapping)]
    found = [account.customers.get(str(name)) for name in named for account in accounts]
    known = [customer for customer in found if customer is not None]
    if len(known) != len(users):
        raise GraphError(100, 2018001)
    for customer in known:
        customer.spam = customer.spam or "move_to_spam" in actions
    world.changed()
    return {"success": True}
