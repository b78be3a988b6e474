"""Which app may answer a customer: its owner, or, while nobody is that, the account's default app.

https://developers.facebook.com/documentation/business-messaging/messenger-platform/conversation-routing
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bridge.demo.meta.acts import PAGE_INBOX
from bridge.demo.meta.comments import Commenting
from bridge.demo.meta.errors import GraphError
from bridge.demo.meta.wire import milliseconds, said
from bridge.demo.meta.world import Account, Customer, World

EDGES: Final = frozenset({"take_thread_control", "pass_thread_control", "release_thread_control"})
INSTAGRAM_INBOX: Final = "1217981644879628"
INBOXES: Final = frozenset({PAGE_INBOX, "26390203743090", INSTAGRAM_INBOX})


def inbox_of(account: Account) -> str:
    """The app id of the network's own inbox of an account."""
    return PAGE_INBOX if account.platform == "messenger" else INSTAGRAM_INBOX


class Handovers(Commenting):
    """What other apps of an account do with its conversations."""

    async def other_app(self, customer: Customer, *, takes: bool = True, app_id: str | None = None) -> None:
        """Let another app take the conversation, or hand it back to the bridge's, which is told either way."""
        ours, now = self.world.app_id, self.world.clock()
        app_id = app_id or inbox_of(customer.account)
        before, after = (customer.thread_owner or ours, app_id) if takes else (customer.thread_owner or app_id, ours)
        customer.thread_owner = app_id if takes else None
        self.world.changed()
        what = {"previous_owner_app_id": before, "new_owner_app_id": after, "metadata": "<!channel> *to a person*"}
        item = said(customer, now, {"take_thread_control" if takes else "pass_thread_control": what})
        self.deliveries.tell(customer.account, "handover", item, lane=customer.id)

    async def ask_for_thread(self, customer: Customer, *, app_id: str | None = None) -> None:
        """Let another app ask the bridge's for the conversation."""
        asks = app_id or inbox_of(customer.account)
        what = {"request_thread_control": {"requested_owner_app_id": asks, "metadata": "<!channel>"}}
        item = said(customer, self.world.clock(), what)
        self.deliveries.tell(customer.account, "handover", item, lane=customer.id)

    async def change_roles(self, account: Account, first: Sequence[str], others: Sequence[str] = ()) -> None:
        """Tell which of an account's apps answer first; such an event has no sender."""
        roles = {app: ["primary_receiver"] for app in first} | {app: ["secondary_receiver"] for app in others}
        item = {
            "recipient": {"id": account.id},
            "timestamp": milliseconds(self.world.clock()),
            "app_roles": roles,
        }
        self.deliveries.tell(account, "handover", item)


def move(world: World, customer: Customer, edge: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Do what the bridge's app asks for, if it may."""
    ours = world.held_by_us(customer)
    match edge:
        case "take_thread_control":
            if not ours and customer.account.default_app != world.app_id:
                raise refusal(customer)
            customer.thread_owner = None
        case "pass_thread_control":
            target = str(body.get("target_app_id", ""))
            if target not in INBOXES and target not in world.apps:
                raise GraphError(100, message="Param target_app_id must be an app of the Page")
            if not ours:
                raise refusal(customer)
            customer.thread_owner = None if target == world.app_id else target
        case _:
            if not ours:
                raise refusal(customer)
            customer.thread_owner = None
    world.changed()
    return {"success": True}


def owner(world: World, customer: Customer) -> dict[str, Any]:
    """Who has the conversation, for those who may know; nobody while it is idle."""
    known = world.held_by_us(customer) or customer.account.default_app == world.app_id
    if customer.thread_owner is None or not known:
        return {"data": []}
    return {"data": [{"thread_owner": {"app_id": customer.thread_owner}}]}


def refusal(customer: Customer) -> GraphError:
    """What an app hears that does not have the conversation."""
    return GraphError(100, 2534037) if customer.account.platform == "instagram" else GraphError(2018300)
