"""What an alerts channel reads of those who wait while their windows close, with what can be done about each. Pure.

Slack takes 50 blocks in a message (docs.slack.dev, Block Kit); an edit notifies nobody (chat.update).
"""

from collections.abc import Iterator
from datetime import timedelta

from bridge.model.closing import LineState, Stage
from bridge.model.decision import Closings, Job, Waiter
from bridge.model.effects import EditAlert, PostStage
from bridge.model.facts import Act
from bridge.model.ids import GroupRef, PersonRef
from bridge.model.state import Health, Incident
from bridge.policy import last_close
from bridge.rules.desk.announced import AWAKE
from bridge.rules.desk.closing import UNSETTLED
from bridge.slack import apps, buttons, cards, names
from bridge.slack.blocks import said, small
from bridge.slack.phrase import (
    At,
    Filling,
    Group,
    Json,
    Mention,
    Phrase,
    Piece,
    Words,
    joined,
    lines,
    phrase,
    told,
)
from bridge.slack.refs import permalink
from bridge.wording import Wording

MOST_OWNERS = 50
"""So many are mentioned for conversations that are not shown."""
MOST_PREVIEW = 80
"""Characters of a customer's words beside their name."""
ENDED = {
    LineState.CLOSED: "closing.closed",
    LineState.SNOOZED: "closing.snoozed",
    LineState.BLOCKED: "closing.blocked",
    LineState.OTHER_APP: "closing.other_app",
    LineState.EXTENDED: "closing.extended",
    LineState.SETTLED: "closing.settled",
    LineState.PASSED: "closing.passed",
    LineState.LAPSED: "closing.lapsed",
}


def alert(job: Job, incident: Incident, *, block_id: str) -> tuple[str, list[Json]]:
    """Return an alert's text and blocks, or those of a reply about who came later.

    A reply is never edited, so it names no customer: the alert above it does, and that is kept true.
    """
    wording, held = Wording(job.language), job.closings or Closings()
    reply = isinstance(job.effect, PostStage)
    awake = isinstance(job.effect, PostStage) and job.effect.stage.startswith(AWAKE)
    pages = not isinstance(job.effect, EditAlert)
    head = [
        _title(held, incident, wording, reply=reply, awake=awake),
        *((*_owners(held, wording, reply=reply), *_on_call(held, wording)) if pages else ()),
    ]
    rows = [] if reply else [(_line(job, each, wording), _acts(job, each, wording)) for each in held.shown]
    last = [] if reply else list(_more(held, wording))
    blocks: list[Json] = [{**said(lines(head)), "block_id": block_id}]
    for row, acts in rows:
        blocks += [said(row), acts] if acts else [small(row)]
    blocks += [small(each) for each in last]
    return told(lines([*head, *(row for row, _ in rows), *last])), blocks


def _title(held: Closings, incident: Incident, wording: Wording, *, reply: bool, awake: bool) -> Phrase:
    """Return how many close and how soon, as it was when they were told of; or that nobody waits any more."""
    if reply and held.open and awake:
        return phrase(wording, "closing.title_awake", {"count": held.open})
    if reply and held.open:
        return phrase(wording, "closing.title_joined", {"count": held.open + held.settled})
    if held.open and held.last is not None:
        span = _span(min(held.last - incident.opened_at, _lead(held)), wording)
        return phrase(wording, "closing.title", {"count": held.open, "span": span})
    if held.lapsed:
        return phrase(wording, "closing.title_lapsed", {"count": held.lapsed, "all": held.settled})
    if held.passed:
        return phrase(wording, "closing.title_passed", {"count": held.passed, "all": held.settled})
    if held.extended:
        return phrase(wording, "closing.title_extended", {"count": held.extended})
    return phrase(wording, "closing.title_over", {})


def _lead(held: Closings) -> timedelta:
    """Return how long before their closes these were told of at most: whoever was added later was told later."""
    leads = [0]
    for each in held.shown:
        settings = each.scene.account.settings
        leads.append(settings.alert_standard)
        if each.line.stage is Stage.HUMAN:
            leads.append(settings.alert_human)
    return timedelta(minutes=max(leads))


def _span(left: timedelta, wording: Wording) -> str:
    """Return a time in whole minutes, hours or days, rounded up."""
    minutes = max(1, -(-int(left.total_seconds()) // 60))
    if minutes < 60:
        return wording.say("closing.minutes", count=minutes)
    hours = -(-minutes // 60)
    return (
        wording.say("closing.hours", count=hours) if hours < 48 else wording.say("closing.days", count=-(-hours // 24))
    )


def _on_call(held: Closings, wording: Wording) -> Iterator[Phrase]:
    """Yield who is mentioned for those whom nobody looks after."""
    people: dict[PersonRef, Piece] = {}
    groups: dict[GroupRef, Piece] = {}
    for each in held.shown:
        talk, settings = each.scene.conversation, each.scene.minding.settings
        if (
            each.line.state is LineState.OPEN
            and not each.line.quiet
            and talk.owner is None
            and talk.owner_group is None
        ):
            people |= {person: Mention(person=person) for person in settings.on_call}
            groups |= {group: Group(group=group) for group in settings.on_call_groups}
    if named := [(piece,) for piece in (*people.values(), *groups.values())]:
        yield phrase(wording, "closing.on_call", {"people": joined(named, " ")})


def _owners(held: Closings, wording: Wording, *, reply: bool) -> Iterator[Phrase]:
    """Yield who is mentioned for those that are not shown, but for whoever a line mentions anyhow; a reply has no lines."""
    paged = [
        each.scene.conversation for each in held.shown if each.line.state is LineState.OPEN and not each.line.quiet
    ]
    owners = dict.fromkeys(talk.owner for talk in paged if talk.owner is not None)
    groups = dict.fromkeys(talk.owner_group for talk in paged if talk.owner is None and talk.owner_group is not None)
    others = [owner for owner in held.owners if owner not in {each.scene.conversation.owner for each in held.shown}]
    people: list[Piece] = [Mention(person=owner) for owner in ((*owners, *others) if reply else others)]
    named = [*people, *((Group(group=group) for group in groups) if reply else ())][:MOST_OWNERS]
    if named:
        key = "closing.concerns" if reply else "closing.owners"
        yield phrase(wording, key, {"people": joined([(each,) for each in named], " ")})


def _line(job: Job, each: Waiter, wording: Wording) -> Phrase:
    """Return who it is, how long they have waited, when it closes, their words and who looks after it; or how it ended."""
    values = _values(job, each, wording)
    match each.line.state:
        case LineState.OPEN:
            key = "closing.line" if _is_last(each) else "closing.line_first"
            return joined([phrase(wording, key, values), *_besides(job, each, wording)], " · ")
        case LineState.ANSWERED if each.line.person is not None:
            return phrase(wording, "closing.answered", values)
        case LineState.ANSWERED:
            return phrase(wording, "closing.answered_elsewhere", values)
        case state:
            return phrase(wording, ENDED[state], values)


def _is_last(each: Waiter) -> bool:
    """Whether nobody can answer any more once this window has closed."""
    last = last_close(each.scene.account, each.scene.conversation)
    return each.line.stage is Stage.HUMAN or last is None or last <= each.line.close_at


def _values(job: Job, each: Waiter, wording: Wording) -> dict[str, Filling]:
    scene, line = each.scene, each.line
    network = names.network_name(scene, wording)
    return {
        "customer": Words(text=names.customer_name(scene, wording), bold=line.state is LineState.OPEN),
        "account": Words(text=scene.account.name),
        "since": At(moment=scene.conversation.waiting_since or line.close_at),
        "close": At(moment=line.close_at),
        "when": At(moment=line.ended_at or line.close_at),
        "until": At(moment=last_close(scene.account, scene.conversation) or line.close_at),
        "agent": None if line.person is None else _agent(job, line.person, wording),
        "via": apps.through(scene.conversation.answered_app, scene, network, wording),
    }


def _besides(job: Job, each: Waiter, wording: Wording) -> Iterator[Phrase]:
    """Yield the customer's words, whoever looks after them, and why no answer goes now.

    Whoever looks after them is mentioned in what is posted, and named in what is edited: whoever took them knows.
    """
    pages = not each.line.quiet and not isinstance(job.effect, EditAlert)
    act, words = cards.preview(each.scene, wording, MOST_PREVIEW)
    if act:
        yield act
    if words:
        yield phrase(wording, "card.preview", {"text": Words(text=words)})
    talk = each.scene.conversation
    if talk.owner is not None:
        yield phrase(
            wording,
            "closing.owner",
            {"agent": Mention(person=talk.owner) if pages else _agent(job, talk.owner, wording)},
        )
    elif talk.owner_group is not None and pages:
        yield phrase(wording, "closing.owner", {"agent": Group(group=talk.owner_group)})
    if talk.unsure:
        yield phrase(wording, "card.unsure", {"count": talk.unsure})
    if each.scene.account.health is not Health.READY:
        yield phrase(wording, cards.account_line(each.scene.account), names.standing(each.scene, wording))


def _agent(job: Job, person: PersonRef, wording: Wording) -> Words:
    return Words(text=job.names.get(person) or wording.say("name.unknown_person"))


def _acts(job: Job, each: Waiter, wording: Wording) -> Json | None:
    """Return the buttons under an open line, and under that of who can still be answered once its window has closed."""
    if each.line.state not in (*UNSETTLED, LineState.PASSED):
        return None
    talk, value = each.scene.conversation, buttons.of_conversation(each.line.conversation)
    acts = {Act.NO_ANSWER: "button.no_answer"}
    if each.line.state is LineState.OPEN:
        acts = {Act.SNOOZE: "button.put_off", **acts}
    if each.line.state is LineState.SNOOZED:
        acts = {}
    elif talk.owner is None and talk.owner_group is None:
        acts = {Act.TAKE: "button.take", **acts}
    elements = [_button(wording.say(label)) | {"action_id": act, "value": value} for act, label in acts.items()]
    if talk.thread is not None and talk.thread.ref is not None and not talk.thread.gone:
        url = permalink(job.workspace.url, talk.thread.ref)
        elements.insert(0, _button(wording.say("button.open")) | {"action_id": "open", "url": url})
    return {"type": "actions", "elements": elements} if elements else None


def _button(label: str) -> Json:
    return {"type": "button", "text": {"type": "plain_text", "text": label}}


def _more(held: Closings, wording: Wording) -> Iterator[Phrase]:
    """Yield how many are not shown."""
    left = sum(each.line.state in UNSETTLED for each in held.shown)
    if held.open > left:
        yield phrase(wording, "closing.more", {"count": held.open - left})
    if held.settled > len(held.shown) - left:
        yield phrase(wording, "closing.more_settled", {"count": held.settled - (len(held.shown) - left)})
