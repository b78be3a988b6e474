"""What the bridge says to customers by itself: when, never twice, and never beside an agent's answer.

Rule 1: each occasion is noted on the conversation in the transaction that decides it, so that nothing is said twice.
Rule 2: `bridge.policy.may_send_automatic` rules when it is decided and again when it goes; no way leads to a tag.
Rule 3: where an agent has answered, or an answer of theirs is on its way, nothing is said; it is no answer itself.
Rule 4: that a machine writes is told at the beginning, a day later, and after a person has written (M-20). It counts as
        told once the message has gone, and is judged again when its turn comes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge import hours, lanes, policy
from bridge.automatic import disclosed, disclosing, language_of, payload, words
from bridge.model.automatic import AutomaticSettings, Choice, Occasion, Rating, Spoken
from bridge.model.axes import ASKS
from bridge.model.change import replace
from bridge.model.decision import Decision, Due, Go, Instead, Scene, Sending
from bridge.model.effects import Queued, SendToCustomer
from bridge.model.facts import CustomerRated, CustomerWrote
from bridge.model.state import Author, Conversation, Message, Opener, Part, ReplyState, Work
from bridge.rules.base import Context, card, nothing, retold, show
from bridge.wording import customers

AGAIN = timedelta(hours=24)
"""So long after they were told that a machine writes, customers are told again."""
WORDLESS = (None, Opener.LINK, Opener.REACTION, Opener.PLUGIN)
"""What may have opened a window before a customer has said anything."""


RATING = "rating"
"""The kind of a customer's message that is nothing but such an answer; it stands nowhere on the desk."""

# ── when ──────────────────────────────────────────────────────────────────────────────────────────────────


def after_customer(scene: Scene, fact: CustomerWrote, decision: Decision, context: Context) -> Decision:
    """What a customer's message makes true, and what the bridge says to it."""
    talk = decision.conversation
    heard_late = fact.found_later or context.moment.now - fact.at > context.rules.automatic
    if talk is None or heard_late or scene.message is not None or fact.opener not in ASKS or fact.standby:
        return decision
    if talk.work is not Work.WAITING or scene.answering or _mute(scene, talk, context):
        return decision
    settings = scene.account.settings
    closed = settings.auto_away and not hours.is_open(settings.hours, settings.zone, settings.holidays, fact.at)
    told = talk.spoken.away_until is not None and fact.at < talk.spoken.away_until
    if closed and not told:
        opens = hours.next_open(settings.hours, settings.zone, settings.holidays, fact.at)
        talk = replace(talk, spoken=replace(talk.spoken, away_until=opens or fact.at + AGAIN))
        return _saying(scene, talk, Occasion.AWAY, decision, context, since=fact.at, opens=opens)
    if settings.auto_first and first_contact(scene.conversation):
        return _saying(scene, talk, Occasion.FIRST, decision, context, since=fact.at)
    return decision


def speaks(settings: AutomaticSettings) -> bool:
    """Whether the bridge may have something to say to a customer's message."""
    return settings.auto_first or settings.auto_away


def first_contact(before: Conversation) -> bool:
    """Whether a customer has said nothing yet, in words, and nobody to them."""
    if before.answered_at is not None or before.opened_by not in WORDLESS:
        return False
    return before.opens_at is None or (before.waiting_since is None and before.worked_at is None)


def unanswered(scene: Scene, context: Context) -> Decision | None:
    """A customer has waited for so long that they are asked for patience; None: not yet, or no more.

    Who was told that the account is closed, and until when, has been asked already.
    """
    talk, now = scene.conversation, context.moment.now
    ends = policy.patience_ends(scene.account, talk)
    if ends is None or now < ends:
        return None
    talk = replace(talk, spoken=replace(talk.spoken, unanswered_since=talk.waiting_since))
    told = Decision(conversation=retold(scene, talk, context), effects=(card(scene, context),))
    knows = talk.spoken.away_until is not None and now < talk.spoken.away_until
    if knows or scene.answering or _mute(scene, talk, context, margin=context.rules.margin):
        return told
    return _saying(scene, retold(scene, talk, context), Occasion.UNANSWERED, told, context)


def at_close(scene: Scene, decision: Decision, context: Context, *, asks: bool = True) -> Decision:
    """What an agent's closing makes true, and, if it *asks*, the question whether the customer is content."""
    talk, now = decision.conversation, context.moment.now
    if talk is None:
        return decision
    talk = replace(talk, spoken=replace(talk.spoken, closed_at=now, closed_before=talk.spoken.closed_at))
    decision = replace(decision, conversation=talk)
    if not asks or not scene.account.settings.auto_csat or _mute(scene, talk, context):
        return decision
    if not (scene.answering or _helped(talk, now, context)):
        return decision
    if talk.spoken.asked_at is not None and now - talk.spoken.asked_at < context.rules.survey_every:
        return decision
    said = _saying(scene, talk, Occasion.SURVEY, decision, context)
    talk, question = said.conversation or talk, said.messages[-1]
    spoken = replace(talk.spoken, asked=question.id, asked_at=now, score=None, scored_at=None)
    return replace(said, conversation=replace(talk, spoken=spoken))


def _helped(talk: Conversation, now: datetime, context: Context) -> bool:
    """Whether somebody of the business has answered, not long ago, since the conversation was closed the time before."""
    answered, since = talk.answered_at, talk.spoken.closed_before
    if answered is None or now - answered > context.rules.survey_every:
        return False
    return since is None or answered > since


def _mute(scene: Scene, talk: Conversation, context: Context, *, margin: timedelta = timedelta(0)) -> bool:
    return not policy.may_send_automatic(scene, talk, context.moment.now, margin=margin)


# ── saying it ─────────────────────────────────────────────────────────────────────────────────────────────


def _saying(
    scene: Scene,
    talk: Conversation,
    occasion: Occasion,
    decision: Decision,
    context: Context,
    *,
    since: datetime | None = None,
    opens: datetime | None = None,
) -> Decision:
    """The decision with a message of the bridge's own on its way. since: what it follows in the thread."""
    now = context.moment.now
    at = now if since is None else max(now, since + timedelta(microseconds=1))
    discloses = scene.account.settings.disclosure and _to_be_disclosed(talk, at)
    text = words(
        scene.account.settings,
        occasion,
        account=scene.account.name,
        language=language_of(scene.account.settings, scene.workspace.language),
        opens=opens,
        told=not discloses,
    )
    message = Message(
        id=context.message_id(),
        conversation=talk.id,
        author=Author.BRIDGE,
        at=at,
        text=text,
        kind=occasion.value,
        state=ReplyState.WAITING,
        queued_at=context.moment.steady,
        parts=(Part(seq=1, of=1),),
    )
    return replace(
        decision,
        conversation=talk,
        messages=(*decision.messages, message),
        effects=(*decision.effects, _send(scene, message, context)),
    )


def _to_be_disclosed(talk: Conversation, at: datetime) -> bool:
    """At the beginning, after a considerable time, and when a machine follows a person."""
    told = talk.spoken.disclosed_at
    if told is None or at - told >= AGAIN:
        return True
    return talk.answered_at is not None and talk.answered_at >= told


def _send(scene: Scene, message: Message, context: Context) -> Queued:
    effect = SendToCustomer(
        workspace=scene.workspace.id,
        conversation=message.conversation,
        account=scene.account.id,
        message=message.id,
        part=1,
    )
    rest = context.moment.steady + context.rules.rest
    return lanes.queue(effect, position=lanes.micros(message.at), not_before=rest)


def is_ours(message: Message | None) -> bool:
    """Whether the bridge says it by itself."""
    return message is not None and message.author is Author.BRIDGE


def due(scene: Scene, message: Message, context: Context) -> Due:
    """Rule once more when its turn has come; what may not go any more was never said."""
    why = _overtaken(scene, message, context)
    if why is not None:
        gone = replace(message, state=ReplyState.WITHDRAWN, text=None, parts=())
        unsaid = _unsaid(scene.conversation, message)
        return Instead(decision=Decision(conversation=unsaid, messages=(gone,)), why=why)
    text, account = message.text or "", scene.account
    if (
        account.settings.disclosure
        and not disclosed(text, account.name)
        and _to_be_disclosed(scene.conversation, message.at)
    ):
        # What agents read of it, and what its echo is known by, is what goes.
        language = language_of(account.settings, scene.workspace.language)
        told = replace(message, text=disclosing(text, account.name, language))
        return Instead(
            decision=Decision(messages=(told,), effects=(_send(scene, told, context),)), why="to be disclosed"
        )
    return Go(text=message.text, choices=_choices(scene, message))


def _overtaken(scene: Scene, message: Message, context: Context) -> str | None:
    """Why it must not go as things are now; None: it goes."""
    talk, settings = scene.conversation, scene.account.settings
    survey = message.kind == Occasion.SURVEY
    if not getattr(settings, message.kind):
        return "switched off"
    if _mute(scene, talk, context):
        return "may not be sent by itself"
    if context.moment.now - message.at > context.rules.automatic:
        return "too late"
    if scene.answering or (talk.answered_at is not None and talk.answered_at >= message.at):
        return "an agent answers"
    if (talk.work is Work.CLOSED) is not survey:
        return "opened again" if survey else "closed"
    if survey and not _helped(talk, message.at, context):
        return "nobody has answered"
    return None


def _choices(scene: Scene, message: Message) -> tuple[Choice, ...]:
    if message.kind != Occasion.SURVEY:
        return ()
    language = language_of(scene.account.settings, scene.workspace.language)
    titles = customers.choices(language)
    return tuple(Choice(title=title, payload=payload(message.id, score)) for score, title in enumerate(titles, 1))


def rated(scene: Scene, fact: CustomerRated, context: Context) -> Decision:
    """A customer tapped how content they are: for the card and the figures, and no message that anybody waits for.

    It opens the window as all that customers do. The last tap below one question counts, and only below the latest.
    """
    if scene.message is not None:
        return nothing("known")
    talk = policy.open_window(scene.conversation, Opener.MESSAGE, fact.at)
    tapped = Message(
        id=context.message_id(),
        conversation=talk.id,
        author=Author.CUSTOMER,
        at=fact.at,
        text=None,
        kind=RATING,
        remote_id=fact.remote_id,
    )
    spoken = talk.spoken
    if spoken.asked != fact.question or (spoken.scored_at is not None and fact.at < spoken.scored_at):
        return Decision(conversation=retold(scene, talk, context), messages=(tapped,))
    talk = replace(talk, spoken=replace(spoken, score=fact.score, scored_at=fact.at))
    return Decision(
        conversation=retold(scene, talk, context),
        messages=(tapped,),
        rated=Rating(question=fact.question, score=fact.score, at=fact.at),
        effects=(card(scene, context),),
    )


# ── how it ends ───────────────────────────────────────────────────────────────────────────────────────────


def arrived(scene: Scene, message: Message) -> Decision:
    """The customer has it: agents see what the bridge wrote. Nobody has answered by that."""
    sent, talk = replace(message, state=ReplyState.SENT, reason=None), scene.conversation
    told = talk.spoken.disclosed_at
    if disclosed(message.text or "", scene.account.name) and (told is None or told < message.at):
        talk = replace(talk, spoken=replace(talk.spoken, disclosed_at=message.at))
    return Decision(conversation=talk, messages=(sent,), effects=(show(scene, sent),))


def ended(scene: Scene, decision: Decision) -> Decision:
    """How a send has ended: what did not go has told the customer nothing."""
    refused = [each for each in decision.messages if is_ours(each) and each.state is ReplyState.REFUSED]
    talk = decision.conversation or scene.conversation
    for message in refused:
        talk = _unsaid(talk, message)
    return replace(decision, conversation=talk) if refused else decision


def _unsaid(talk: Conversation, message: Message) -> Conversation:
    """The conversation without what a message would have told."""
    spoken: Spoken = talk.spoken
    if spoken.asked == message.id:
        spoken = replace(spoken, asked=None, asked_at=None)
    return replace(talk, spoken=spoken)


def unsure_for_long(sending: Sending) -> Decision:
    """Nothing settled whether it arrived. It is not sent again, and nobody is asked: it may yet come to light."""
    message = sending.message
    if message.state is not ReplyState.WAITING:
        return nothing("settled otherwise")
    return Decision(messages=(replace(message, state=ReplyState.UNSURE),), withdrawn=(message.id,))
