"""Answers to whoever wanted something set up: where they asked while Slack still knows the way, else directly."""

from datetime import datetime, timedelta

from bridge.model.decision import Job
from bridge.model.outcomes import Done, Outcome, Refused
from bridge.model.setup import AnswerAsker, Change
from bridge.ports import Links
from bridge.slack import alerts, render
from bridge.slack.blocks import section
from bridge.slack.calls import Calls
from bridge.slack.errors import Kind
from bridge.slack.homes.pieces import button
from bridge.slack.phrase import Json, Phrase, lines, told
from bridge.slack.setup import worded
from bridge.wording import Wording

KNOWN_FOR = timedelta(minutes=29)
"""For half an hour a response_url may be used. https://docs.slack.dev/interactivity/handling-user-interaction"""
READ_FOR = timedelta(minutes=2)
"""Whoever asked longer ago may have left the place, and what is private there is forgotten."""


NEXT = {Change.RESUME: "button.resume", Change.RESTORE: "button.restore"}
"""What can be done next by a button, and what stands on it."""


async def give(job: Job, effect: AnswerAsker, calls: Calls, now: datetime, links: Links | None = None) -> Outcome:
    """Say it by the nearest way that is still open. links: who makes the one by which somebody logs in."""
    wording = Wording(job.language)
    sentence = render.said(job, worded.humane(effect.said, wording))
    listed: list[Phrase] = [("• ", *each) for each in worded.differences(effect.before, effect.after, wording)]
    words = lines([sentence, *listed])
    said: Json = {"text": told(words), "blocks": [section(words), *_next(job, effect, links)]}
    age = now - effect.at
    if effect.handle is not None and age < KNOWN_FOR:
        body = {"response_type": "ephemeral", "replace_original": False, **said}
        outcome = await calls.respond(job, effect.handle, body)
        if not isinstance(outcome, Refused):
            return outcome
    if effect.place is not None and age < READ_FOR:
        call: Json = {"channel": effect.place, "user": effect.person, "parse": "none", **said}
        outcome = _ended(await calls.ask(job, Kind.CHANGE, lambda client: client.chat_postEphemeral(**call)))
        if isinstance(outcome, Done):
            return outcome
    directly = {"channel": effect.person, **said, **render.QUIET}
    return _ended(await calls.ask(job, Kind.CHANGE, lambda client: client.chat_postMessage(**directly)))


def _next(job: Job, effect: AnswerAsker, links: Links | None) -> list[Json]:
    """Return the button for what can be done next."""
    wording = Wording(job.language)
    login = None
    if effect.reconnect and links is not None and effect.account is not None:
        login = links.reconnect(effect.workspace, effect.account)
    if login is not None:
        label = wording.say("button.reconnect")
        return [{"type": "actions", "elements": [button(label, alerts.RECONNECT, url=login, first=True)]}]
    if effect.offers is None or effect.account is None or effect.offers not in NEXT:
        return []
    made = button(wording.say(NEXT[effect.offers]), f"setup:{effect.offers}", value=str(effect.account))
    return [{"type": "actions", "elements": [made]}]


def _ended(answer: Json | Outcome) -> Outcome:
    return Done() if isinstance(answer, dict) else answer
