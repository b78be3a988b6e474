"""What the root card of a conversation says. Pure.

The first block is always rich text: a message that began with it may not be changed to begin with another
(docs.slack.dev, chat.update, block_mismatch). Pictures stand beside the author alone: an address that has run out would
make every later change of the card fail.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime

from bridge.model.closing import HARDLY
from bridge.model.comment import CommentState
from bridge.model.decision import Job, Scene
from bridge.model.facts import Act
from bridge.model.ids import PersonRef
from bridge.model.state import Account, Block, CardField, Control, Conversation, Health, Window, Wish, Work
from bridge.policy import answerable, last_close, last_comment, window_at
from bridge.rules.answers.automatic import is_ours
from bridge.slack import apps, messages, names, tickets
from bridge.slack.phrase import (
    At,
    Filling,
    Group,
    Json,
    Phrase,
    Place,
    Words,
    elements,
    joined,
    lines,
    mrkdwn,
    phrase,
    told,
)
from bridge.slack.text import inert_name
from bridge.wording import Wording

MOST_PREVIEW = 150

ACCOUNT_LINES = {
    Health.NEEDS_REAUTHENTICATION: "card.reauth",
    Health.RESTRICTED: "card.restricted",
    Health.PENDING: "card.pending",
    Health.NOT_ELIGIBLE: "card.not_eligible",
}
EXACT_LINES = {"connected_tools": "card.connected_tools"}
"""By cause, where a state of health says less."""


def account_line(account: Account) -> str:
    """Return the key of what is said of an account that is not ready."""
    return EXACT_LINES.get(account.cause or "") or ACCOUNT_LINES[account.health]


def card(job: Job, scene: Scene, now: datetime, *, block_id: str) -> tuple[str, list[Json]]:
    """Return a card's summary and blocks as of *now*."""
    wording = Wording(job.language)
    told_now = list(states(job, scene, wording, now))
    act, words = preview(scene, wording)
    rich = [_rich("section", lines([*_who(scene, wording), *([act] if act else [])]))]
    quoted = phrase(wording, "card.preview", {"text": Words(text=words)}) if words else ()
    if quoted:
        rich.append(_rich("quote", quoted))
    state = mrkdwn(lines(told_now))
    blocks: list[Json] = [{"type": "rich_text", "block_id": block_id, "elements": rich}]
    if state:
        blocks.append(_stating(state))
    blocks += _acts(scene, wording)
    key = "card.summary_act" if act else "card.summary" if words else "card.summary_without_words"
    said: dict[str, Filling] = {
        "text": Words(text=words),
        "act": joined([each for each in (act, quoted) if each], " · "),
    }
    opening = phrase(wording, key, {**names.standing(scene, wording), **said})
    return told(lines([opening, *told_now])), blocks


def retired(job: Job, scene: Scene, *, block_id: str) -> tuple[str, list[Json]]:
    """Return the summary and blocks of a card that another has followed: whose it is, and nothing that changes."""
    wording = Wording(job.language)
    who, onwards = _who(scene, wording), phrase(wording, "card.goes_on", {})
    first = {"type": "rich_text", "block_id": block_id, "elements": [_rich("section", lines(who))]}
    return told(lines([*who, onwards])), [first, _stating(mrkdwn(onwards))]


def _who(scene: Scene, wording: Wording) -> list[Phrase]:
    return [each for each in (heading(scene, wording), _known(scene, wording)) if each]


def _stating(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _rich(kind: str, pieces: Phrase) -> Json:
    return {"type": f"rich_text_{kind}", "elements": elements(pieces)}


def _acts(scene: Scene, wording: Wording) -> list[Json]:
    """Return the buttons for any agent: whether the oldest doubtful answer arrived, and who is to answer."""
    doubtful = next((each.message.id for each in scene.sending if each.asked and not is_ours(each.message)), None)
    buttons: list[Json] = []
    if doubtful is not None:
        acts = {Act.ARRIVED: "button.arrived", Act.SEND_AGAIN: "button.send_again"}
        buttons += [_button(act, label, wording) | {"value": str(doubtful)} for act, label in acts.items()]
    acts = {**_of_control(scene.conversation), **_of_work(scene), Act.CONVERSATION: "button.more"}
    buttons += [_button(act, label, wording) for act, label in acts.items()]
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


def _of_work(scene: Scene) -> dict[Act, str]:
    """Return the buttons for who looks after a conversation, and whether it is over."""
    talk = scene.conversation
    if scene.account.wish is Wish.REMOVED:
        return {}
    if scene.customer.blocked is not None:
        return {Act.UNBLOCK: "button.unblock"}
    if talk.work is Work.CLOSED:
        return {Act.REOPEN: "button.reopen"}
    whose = (
        {Act.TAKE: "button.take"}
        if talk.owner is None and talk.owner_group is None
        else {Act.RELEASE: "button.release"}
    )
    wakes = {Act.REOPEN: "button.wake"} if talk.work is Work.SNOOZED else {}
    return {**whose, **wakes, Act.CLOSE: "button.close"}


def fingerprint(text: str, blocks: list[Json]) -> str:
    """Return what changes exactly when a card looks different; the mark in its first block does not count."""
    looks = [{name: value for name, value in block.items() if name != "block_id"} for block in blocks]
    return hashlib.sha256(json.dumps([text, looks], sort_keys=True).encode()).hexdigest()[:32]


def heading(scene: Scene, wording: Wording) -> Phrase:
    """Return who it is, where they write, and to whom."""
    customer = scene.customer
    who: Phrase = (Words(text=names.customer_name(scene, wording), bold=True),)
    handle = inert_name(customer.username or "", names.MOST_NAME) if shows(scene, CardField.USERNAME) else ""
    if handle and inert_name(customer.name or ""):
        who = (*who, "  @", Words(text=handle))
    network: Phrase = (names.network_name(scene, wording),) if shows(scene, CardField.PLATFORM) else ()
    account: Phrase = (Words(text=scene.account.name),) if shows(scene, CardField.ACCOUNT) else ()
    return joined([each for each in (who, network, account) if each], " · ")


def _known(scene: Scene, wording: Wording) -> Phrase:
    """Return what the network tells of a customer besides their name, as far as it does."""
    customer = scene.customer
    told: list[Phrase] = []
    if customer.verified and shows(scene, CardField.VERIFIED):
        told.append(phrase(wording, "card.verified", {}))
    if customer.followers is not None and shows(scene, CardField.FOLLOWERS):
        told.append(phrase(wording, "card.followers", {"count": customer.followers}))
    if customer.follows is not None and shows(scene, CardField.FOLLOWS):
        told.append(phrase(wording, "card.follows" if customer.follows else "card.follows_not", {}))
    return joined(told, " · ")


def preview(scene: Scene, wording: Wording, most: int = MOST_PREVIEW) -> tuple[Phrase, str]:
    """Return what the customer did last, empty for mere words, and the beginning of their words, on one line."""
    gone = scene.message is None or scene.message.unsent_at is not None or scene.customer.blocked is not None
    if scene.message is None or gone or not shows(scene, CardField.PREVIEW):
        return (), ""
    return messages.gist(scene, scene.message, wording, most)


def shows(scene: Scene, field: CardField) -> bool:
    """Return whether the account's cards show this."""
    shown = scene.account.settings.card_fields
    return shown is None or field in shown


def states(job: Job, scene: Scene, wording: Wording, now: datetime) -> Iterator[Phrase]:
    """Yield what is the matter, the most important first."""
    known = names.standing(scene, wording)
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
        yield account_line(account), {}
    if conversation.control is Control.OTHER:
        yield "card.other_app", {}
    if conversation.wanted_by is not None:
        yield "card.wanted", {"app": apps.called(conversation.wanted_by, scene.apps, Wording(job.language))}
    if scene.customer.blocked is not None:
        yield _blocked(job, scene, scene.customer.blocked)
    else:
        yield from _work_states(job, scene)
        if conversation.work is not Work.CLOSED:
            yield from _window_states(job, scene, now)
    yield from _also(job, scene)


def _also(job: Job, scene: Scene) -> Iterator[tuple[str, dict[str, Filling]]]:
    """Yield what else there is to know of a conversation: where it came from, who looks after it, how content they are."""
    account, conversation = scene.account, scene.conversation
    if scene.forwarded is not None:
        yield "card.forwarded", {"channel": Place(channel=account.settings.channel)}
    if conversation.ticket is not None:
        yield from tickets.on_card(scene, conversation.ticket)
    if conversation.unsure:
        yield "card.unsure", {"count": conversation.unsure}
    if conversation.owner_group is not None:
        yield "card.owner", {"agent": Group(group=conversation.owner_group)}
    if conversation.owner is not None:
        yield "card.owner", {"agent": _agent(job, conversation.owner)}
    spoken = conversation.spoken
    if spoken.score is not None and spoken.scored_at is not None:
        yield "card.satisfaction", {"score": spoken.score, "when": At(moment=spoken.scored_at)}


def _blocked(job: Job, scene: Scene, how: Block) -> tuple[str, dict[str, Filling]]:
    """Return that nothing of the customer is shown, who said so, and how much that is by now."""
    who = scene.customer
    when = None if who.blocked_at is None else At(moment=who.blocked_at)
    by = None if who.blocked_by is None else _agent(job, who.blocked_by)
    key = "card.spam" if how is Block.SPAM else "card.blocked"
    return key, {"agent": by, "when": when, "count": who.blocked_count}


def _work_states(job: Job, scene: Scene) -> Iterator[tuple[str, dict[str, Filling]]]:
    """Yield that a conversation is over or put off, by whom and until when."""
    talk = scene.conversation
    if talk.worked_by is None or talk.worked_at is None:
        return
    values: dict[str, Filling] = {"agent": _agent(job, talk.worked_by), "when": At(moment=talk.worked_at)}
    if talk.work is Work.CLOSED:
        outcome: dict[str, Filling] = {"outcome": Words(text=talk.outcome)} if talk.outcome else {}
        yield ("card.closed_as" if outcome else "card.closed"), values | outcome
    elif talk.work is Work.SNOOZED and talk.snoozed_until is not None:
        yield "card.snoozed", values | {"when": At(moment=talk.snoozed_until)}


def _agent(job: Job, person: PersonRef) -> Words:
    return Words(text=job.names.get(person) or Wording(job.language).say("name.unknown_person"))


def _window_states(job: Job, scene: Scene, now: datetime) -> Iterator[tuple[str, dict[str, Filling]]]:
    """Yield whose turn it is and until when; the card is early by the margin, so that nobody counts on the last minute."""
    account, conversation, rules = scene.account, scene.conversation, job.rules
    close, window = last_close(account, conversation), window_at(account, conversation, now + rules.margin)
    waits = conversation.work is Work.WAITING
    spoken = _comment_state(conversation, now + rules.margin) if window is Window.LAPSED else None
    if conversation.work is Work.ANSWERED and conversation.answered_at is not None:
        yield _answered(job, scene, conversation.answered_at)
    if spoken is not None:
        yield spoken
        return
    if close is None or conversation.standard_close is None:
        # Whoever was heard of and opened no window has commented, and nothing of it is left.
        yield "card.not_yet_open" if conversation.last_at is None else "card.comment_gone", {}
        return
    deadline = conversation.standard_close if window is Window.STANDARD else close
    values: dict[str, Filling] = {
        "since": At(moment=conversation.waiting_since or deadline),
        "deadline": At(moment=deadline),
        "left": At(moment=deadline, ago=True),
        "human": At(moment=close),
        "when": At(moment=close),
    }
    if window is Window.LAPSED:
        yield "card.lapsed_waiting" if waits else "card.lapsed", values
    elif waits and now >= close - rules.closing:
        yield "card.closing_human" if window is Window.HUMAN else "card.closing", values
    elif window is Window.HUMAN:
        if waits:
            yield "card.waits", values
        yield "card.human_window", values
    elif close - deadline > HARDLY:
        yield "card.waiting_both" if waits else "card.window_open_both", values
    else:
        yield "card.waiting" if waits else "card.window_open", values


def _comment_state(conversation: Conversation, now: datetime) -> tuple[str, dict[str, Filling]] | None:
    """Return whether what the customer has said in public can still be answered privately, if that was the last of them."""
    if possible := answerable(conversation, now):
        key = "card.comment_live" if possible.live else "card.comment"
        return key, {"deadline": At(moment=possible.until)}
    last = last_comment(conversation)
    if last is None or last.state is CommentState.PERHAPS:
        return None
    return "card.comment_answered" if last.state is CommentState.ANSWERED else "card.comment_over", {}


def _answered(job: Job, scene: Scene, at: datetime) -> tuple[str, dict[str, Filling]]:
    person = scene.conversation.answered_by
    if person is None:
        wording = Wording(job.language)
        via = apps.through(scene.conversation.answered_app, scene, names.network_name(scene, wording), wording)
        return "card.answered_elsewhere", {"when": At(moment=at), "via": via}
    return "card.answered", {"agent": _agent(job, person), "when": At(moment=at)}
