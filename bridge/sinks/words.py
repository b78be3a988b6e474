"""What is read outside of the desk: an incident in plain words, without any customer's. Pure."""

from datetime import UTC, datetime

from bridge.model.decision import Job
from bridge.model.effects import TellOutside
from bridge.model.incident import Incident
from bridge.model.word import Word
from bridge.wording import Wording


class Told(Word, kw_only=True):
    """What has happened, in a line; and all there is to say."""

    title: str
    lines: tuple[str, ...]


def told(job: Job, incident: Incident) -> Told:
    """Return what is said of an incident, in the workspace's language."""
    wording = Wording(job.language)
    over = isinstance(job.effect, TellOutside) and job.effect.over
    cause = str(incident.values.get("cause") or "")
    why = wording.say(f"cause.{cause}") if f"cause.{cause}" in wording else ""
    title = wording.say(f"alert.{incident.kind}", workspace=job.workspace.name)
    since = wording.say("alert.open_since", when=at(incident.opened_at))
    if over:
        ended = wording.say("alert.mended", when=at(incident.closed_at or incident.opened_at))
        again = wording.say(f"alert.{incident.kind}_over", workspace=job.workspace.name)
        return Told(title=again, lines=(again, ended, since))
    what = wording.say(f"alert.{incident.kind}_help", why=why, workspace=job.workspace.name)
    return Told(title=title, lines=(title, what, since))


def at(moment: datetime) -> str:
    """Return a time as it stands where nobody knows the reader's zone."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def key(job: Job) -> str:
    """Return the id by which a repeat is known."""
    return f"threadbridge-{job.workspace.id}-{job.row}"
