"""What the root card of a conversation says. Pure.

The first block is always rich text: a message that began with it may not be changed to begin with another
(docs.slack.dev, chat.update, block_mismatch). Pictures stand beside the author alone: an address that has run out would
make every later change of the card fail.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime

from bridge.model.decision import Job, Rules, Scene
from bridge.model.facts import Act
from bridge.model.state import Control, Conversation, Health, Message, Window, Wish, Work
from bridge.policy import last_close, window_at
from bridge.slack import apps
from bridge.slack.phrase import At, Filling, Json, Phrase, Words, elements, lines, mrkdwn, phrase, told
from bridge.slack.text import inert_name
from bridge.split import head
from bridge.wording import Wording

MOST_PREVIEW = 150
MOST_NAME = 60
"""Characters of a customer's name over a post; Slack publishes no limit for ``username``."""

ACCOUNT_LINES = {
    Health.NEEDS_REAUTHENTICATION: "card.reauth",
    Health.RESTRICTED: "card.restricted",
}


def customer_name(scene: Scene, wording: Wording) -> str:
    """Return what a customer is called: their name, else their handle, else a name that tells strangers apart (CT-04)."""
    customer = scene.customer
    for name in (customer.name, customer.username):
        if shown := inert_name(name or "", MOST_NAME):
            return shown
    return wording.say("name.anonymous", suffix=customer.suffix)


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
    if scene.customer.profile_at is not None or scene.customer.name:
        return author(scene, wording)
    account = inert_name(scene.account.name, MOST_NAME) or scene.account.remote_id
    return wording.say("name.with_network", name=account, network=network_name(scene, wording))


def standing(scene: Scene, wording: Wording) -> dict[str, Filling]:
    """Return the values that are known of every conversation."""
    return {
        "customer": Words(text=customer_name(scene, wording)),
        "network": network_name(scene, wording),
        "account": Words(text=scene.account.name),
        "app": apps.called(scene.conversation.controller, scene.apps, wording),
    }


def card(job: Job, scene: Scene, now: datetime, *, block_id: str) -> tuple[str, list[Json]]:
    """Return a card's summary and blocks as of *now*."""
    wording = Wording(job.language)
    states = list(_lines(job, scene, wording, now))
    preview = _preview(scene.message)
    heading = _heading(scene, wording)
    rich: list[Json] = [{"type": "rich_text_section", "elements": elements(heading)}]
    if preview:
        quoted = phrase(wording, "card.preview", {"text": Words(text=preview)})
        rich.append({"type": "rich_text_quote", "elements": elements(quoted)})
    state = mrkdwn(lines(states))
    blocks: list[Json] = [{"type": "rich_text", "block_id": block_id, "elements": rich}]
    if state:
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": state, "verbatim": True}})
    blocks += _acts(scene, wording)
    key = "card.summary" if preview else "card.summary_without_words"
    opening = phrase(wording, key, {**standing(scene, wording), "text": Words(text=preview)})
    return told(lines([opening, *states])), blocks


def _acts(scene: Scene, wording: Wording) -> list[Json]:
    """Return the buttons for any agent: whether the oldest doubtful answer arrived, and who is to answer."""
    doubtful = next((each.message.id for each in scene.sending if each.asked), None)
    buttons: list[Json] = []
    if doubtful is not None:
        acts = {Act.ARRIVED: "button.arrived", Act.SEND_AGAIN: "button.send_again"}
        buttons += [_button(act, label, wording) | {"value": str(doubtful)} for act, label in acts.items()]
    buttons += [_button(act, label, wording) for act, label in _of_control(scene.conversation).items()]
    return [{"type": "actions", "elements": buttons}] if buttons else []


def _button(act: Act, label: str, wording: Wording) -> Json:
    return {"type": "button", "action_id": act, "text": {"type": "plain_text", "text": wording.say(label)}}


def _of_control(conversation: Conversation) -> dict[Act, str]:
    """Return the buttons that move a conversation between apps; none where no other app was ever heard of."""
    if conversation.control_at is None and conversation.wanted_by is None:
        return {}
    if conversation.wanted_by is not None:
        return {Act.HAND_OVER: "button.hand_over", Act.KEEP_THREAD: "button.keep_thread"}
    if conversation.control is Control.OTHER:
        return {Act.TAKE_OVER: "button.take_over"}
    return {Act.HAND_BACK: "button.hand_back"}


def fingerprint(text: str, blocks: list[Json]) -> str:
    """Return what changes exactly when a card looks different; the mark in its first block does not count."""
    looks = [{name: value for name, value in block.items() if name != "block_id"} for block in blocks]
    return hashlib.sha256(json.dumps([text, looks], sort_keys=True).encode()).hexdigest()[:32]


def _heading(scene: Scene, wording: Wording) -> Phrase:
    values = standing(scene, wording) | {"customer": Words(text=customer_name(scene, wording), bold=True)}
    handle = inert_name(scene.customer.username or "", MOST_NAME)
    if not handle or not inert_name(scene.customer.name or ""):
        return phrase(wording, "card.heading", values)
    return phrase(wording, "card.heading_with_handle", {**values, "handle": Words(text=handle)})


def _preview(message: Message | None) -> str:
    """Return the beginning of what the card shows, on one line."""
    words = " ".join(((message.text if message else None) or "").split())
    return words if len(words) <= MOST_PREVIEW else head(words, MOST_PREVIEW - 1).rstrip() + "…"


def _lines(job: Job, scene: Scene, wording: Wording, now: datetime) -> Iterator[Phrase]:
    """Yield what is the matter, the most important first."""
    known = standing(scene, wording)
    for key, values in _states(job, scene, now):
        yield phrase(wording, key, {**known, **values})


def _states(job: Job, scene: Scene, now: datetime) -> Iterator[tuple[str, dict[str, Filling]]]:
    account, conversation = scene.account, scene.conversation
    if account.wish is Wish.REMOVED:
        yield "card.removed", {}
        return
    if account.wish is Wish.PAUSED:
        yield "card.paused", {}
    if account.health in ACCOUNT_LINES:
        yield ACCOUNT_LINES[account.health], {}
    if conversation.control is Control.OTHER:
        yield "card.other_app", {}
    if conversation.wanted_by is not None:
        yield "card.wanted", {"app": apps.called(conversation.wanted_by, scene.apps, Wording(job.language))}
    yield from _window_states(job, scene, now + Rules().margin)
    if conversation.unsure:
        yield "card.unsure", {"count": conversation.unsure}


def _window_states(job: Job, scene: Scene, now: datetime) -> Iterator[tuple[str, dict[str, Filling]]]:
    """Yield whose turn it is and until when; *now* is early by the margin, so that nobody counts on the last minute."""
    account, conversation = scene.account, scene.conversation
    close, window = last_close(account, conversation), window_at(account, conversation, now)
    if conversation.work is Work.ANSWERED and conversation.answered_at is not None:
        yield _answered(job, scene, conversation.answered_at)
    if close is None or conversation.standard_close is None:
        yield "card.not_yet_open", {}
    elif window is Window.LAPSED:
        yield "card.lapsed", {"when": At(moment=close)}
    elif window is Window.HUMAN:
        yield "card.human_window", {"deadline": At(moment=close)}
    elif conversation.work is Work.WAITING:
        deadline = conversation.standard_close
        values: dict[str, Filling] = {"deadline": At(moment=deadline), "left": At(moment=deadline, ago=True)}
        yield "card.waiting", values | {"since": At(moment=conversation.waiting_since or deadline)}
    else:
        yield "card.window_open", {"deadline": At(moment=conversation.standard_close)}


def _answered(job: Job, scene: Scene, at: datetime) -> tuple[str, dict[str, Filling]]:
    person = scene.conversation.answered_by
    if person is None:
        wording = Wording(job.language)
        via = apps.through(scene.conversation.answered_app, scene, network_name(scene, wording), wording)
        return "card.answered_elsewhere", {"when": At(moment=at), "via": via}
    name = job.names.get(person) or Wording(job.language).say("name.unknown_person")
    return "card.answered", {"agent": Words(text=name), "when": At(moment=at)}
