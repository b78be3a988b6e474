"""Answers to whoever wanted something set up: where they asked while Slack still knows the way, else directly."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bridge.model.change import replace
from bridge.model.decision import Job
from bridge.model.outcomes import Done, Later, Outcome, Refused, Scope
from bridge.model.setup import AnswerAsker, Change
from bridge.ports import Links
from bridge.slack import alerts, render
from bridge.slack.blocks import section
from bridge.slack.calls import Calls
from bridge.slack.errors import Kind
from bridge.slack.homes.pieces import button
from bridge.slack.phrase import Json, Phrase, lines, told
from bridge.slack.setup import keying, worded
from bridge.wording import Wording

KNOWN_FOR = timedelta(minutes=29)
"""For half an hour a response_url may be used. https://docs.slack.dev/interactivity/handling-user-interaction"""
READ_FOR = timedelta(minutes=2)
"""Whoever asked longer ago may have left the place, and what is private there is forgotten."""


OPEN_FOR = timedelta(seconds=15)
"""A window that is not there after so long was closed; before, it may still be on its way."""
SOON = timedelta(seconds=1)


NEXT = {Change.RESUME: "button.resume", Change.RESTORE: "button.restore", Change.KEY: "button.new_key"}
"""What can be done next by a button, and what stands on it."""


async def give(
    job: Job, effect: AnswerAsker, calls: Calls, now: datetime, links: Links | None, open_secret: Callable[[str], str]
) -> Outcome:
    """Say it by the nearest way that is still open. links: who makes the one by which somebody logs in. open_secret: decrypts."""
    if effect.window is None:
        return await _said(job, effect, calls, now, links)
    outcome = await _in_window(job, effect, effect.window, calls, open_secret)
    if not isinstance(outcome, Refused):
        return outcome
    if outcome.code == "not_found" and now - effect.at < OPEN_FOR:
        return Later(after=SOON, why=outcome.code, scope=Scope.ROW)
    if effect.sealed is not None:
        unseen = replace(effect.said, key="set_up.key_unseen")
        effect = replace(effect, said=unseen, sealed=None, offers=Change.KEY)
    return await _said(job, effect, calls, now, links)


async def _in_window(
    job: Job, effect: AnswerAsker, name: str, calls: Calls, open_secret: Callable[[str], str]
) -> Outcome:
    """Say it in the window that is open for it, with what is shown nowhere else."""
    wording = Wording(job.language)
    try:
        key = None if effect.sealed is None else open_secret(effect.sealed)
    except ValueError:
        return Refused(code="sealed", why="desk_try_again")
    shown = keying.told(render.said(job, worded.humane(effect.said, wording)), key, name, wording)
    return _ended(await calls.ask(job, Kind.CHANGE, lambda client: client.views_update(external_id=name, view=shown)))


async def _said(job: Job, effect: AnswerAsker, calls: Calls, now: datetime, links: Links | None) -> Outcome:
    """Say it where they asked, while Slack still knows the way; else directly."""
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
