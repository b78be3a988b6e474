"""How the desk's calls ended, as their effects see it. Pure."""

from typing import Any

from bridge.model.change import replace
from bridge.model.decision import Job
from bridge.model.outcomes import Done, Drawn, Held, Later, Outcome, Refused, Scope
from bridge.slack import cards, errors

Json = dict[str, Any]
NO_THREAD = Refused(code="thread_gone", why="desk_thread_gone")
NO_MESSAGE = Refused(code="message_not_found", why="desk_message_gone")


def put_up(outcome: Outcome, call: Json) -> Outcome:
    """Say how a card looks now that it stands; of one in plain text nothing can be told."""
    if not isinstance(outcome, Done) or outcome.remote_id is None or "blocks" not in call:
        return outcome
    return Drawn(remote_id=outcome.remote_id, look=cards.fingerprint(call["text"], call["blocks"]))


def of_thread(job: Job, outcome: Outcome) -> Outcome:
    """Say which thread is gone: by the time it is decided the conversation may have another."""
    thread = None if job.scene is None else job.scene.conversation.thread
    if isinstance(outcome, Refused) and outcome.code == NO_THREAD.code and thread is not None:
        return replace(outcome, thread=thread.id)
    return outcome


def let_go(outcome: Outcome) -> Outcome:
    """A place that was left need not be usable again for anybody."""
    if isinstance(outcome, Held) and outcome.scope is Scope.TARGET:
        return Refused(code=outcome.code or outcome.cause, why="desk_channel_gone")
    return outcome


def put_off(outcome: Outcome) -> Outcome:
    """A channel that cannot be posted into is its tickets' own trouble, and no other's."""
    if isinstance(outcome, Held) and outcome.scope is Scope.TARGET:
        return Later(after=errors.RATE, why=outcome.code or outcome.cause, scope=Scope.TARGET, cause="channel")
    return outcome


def ended(answer: Json | Outcome) -> Outcome:
    """Say how a call ended of which no more need be known than that it was answered."""
    return Done() if isinstance(answer, dict) else answer
