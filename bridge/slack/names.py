"""What customers, networks and accounts are called. Pure."""

from bridge.model.decision import Scene
from bridge.slack import apps
from bridge.slack.phrase import Filling, Words
from bridge.slack.text import inert_name
from bridge.wording import Wording

MOST_NAME = 60
"""Characters of a customer's name over a post; Slack publishes no limit for ``username``."""


def customer_name(scene: Scene, wording: Wording) -> str:
    """Return what a customer is called: their name, else their handle, else a name that tells strangers apart."""
    customer = scene.customer
    for name in (customer.name, customer.username):
        if shown := inert_name(name or "", MOST_NAME):
            return shown
    return anonymous(scene, wording)


def anonymous(scene: Scene, wording: Wording) -> str:
    """Return what a customer is called while nothing is known of them."""
    return wording.say("name.anonymous", suffix=scene.customer.suffix)


def network_name(scene: Scene, wording: Wording) -> str:
    """Return what the customer's network is called."""
    return wording.say(f"network.{scene.account.platform}")


def author(scene: Scene, wording: Wording) -> str:
    """Return the name over a customer's posts; the network in it keeps anyone from passing as a colleague."""
    return wording.say("name.with_network", name=customer_name(scene, wording), network=network_name(scene, wording))


def root_author(scene: Scene, wording: Wording) -> str:
    """Return the name over a card: of whom nobody has asked yet the account's, because it stays when the name comes.

    An update changes what a card says, never who says it (docs.slack.dev, chat.update).
    """
    if scene.customer.profile_at is not None or scene.customer.name or scene.customer.username:
        return author(scene, wording)
    account = inert_name(scene.account.name, MOST_NAME) or scene.account.remote_id
    return wording.say("name.with_network", name=account, network=network_name(scene, wording))


def standing(scene: Scene, wording: Wording) -> dict[str, Filling]:
    """Return the values that are known of every conversation."""
    return {
        "customer": Words(text=customer_name(scene, wording)),
        "network": network_name(scene, wording),
        "anonymous": anonymous(scene, wording),
        "account": Words(text=scene.account.name),
        "app": apps.called(scene.conversation.controller, scene.apps, wording),
    }
