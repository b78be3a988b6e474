"""What other apps of an account are called, and through what somebody answered. Pure."""

from collections.abc import Mapping

from bridge.model.decision import Scene
from bridge.model.state import INSTAGRAM_INBOX, PAGE_INBOX
from bridge.slack.phrase import Phrase, Words, phrase
from bridge.slack.text import inert_name
from bridge.wording import Wording

MOST_NAME = 60
INBOXES = {PAGE_INBOX: "app.page_inbox", INSTAGRAM_INBOX: "app.instagram_inbox"}


def called(app: str | None, names: Mapping[str, str | None] | None, wording: Wording) -> Phrase:
    """Return what an app is called: the network's own by our words, others by their name, else by their number."""
    if app is None:
        return phrase(wording, "app.unknown", {})
    if app in INBOXES:
        return phrase(wording, INBOXES[app], {})
    if name := inert_name((names or {}).get(app) or "", MOST_NAME):
        return (Words(text=name),)
    return phrase(wording, "app.numbered", {"number": Words(text=app)})


def through(app: str | None, scene: Scene, network: str, wording: Wording) -> Phrase:
    """Return through what somebody of the business answered: the network's own app, its inbox, or another app."""
    if app is None or app == INSTAGRAM_INBOX:
        return phrase(wording, "via.network", {"network": network})
    if app == PAGE_INBOX:
        return phrase(wording, "via.page_inbox", {})
    return phrase(wording, "via.app", {"app": _name_or_number(app, scene)})


def _name_or_number(app: str, scene: Scene) -> Words:
    return Words(text=inert_name((scene.apps or {}).get(app) or "", MOST_NAME) or app)
