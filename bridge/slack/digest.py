"""What an alerts channel reads of a week's figures. Pure."""

from collections.abc import Iterator

from bridge.model.decision import Job
from bridge.model.ids import PersonRef
from bridge.model.state import Incident, Value
from bridge.slack.phrase import Filling, Phrase, Words, joined, phrase
from bridge.wording import Wording


def lines_of(job: Job, incident: Incident, wording: Wording) -> Iterator[Phrase]:
    """Yield what was asked and answered, how long that took, who waits, how content customers were, and who answered."""
    values = incident.values
    filled: dict[str, Filling] = {name: value for name, value in values.items() if not isinstance(value, str)}
    filled |= {name: length(values.get(name), wording) for name in ("first", "time", "longest")}
    yield phrase(wording, "digest.asked", filled)
    for name, key in (("first", "digest.first"), ("time", "digest.time")):
        if values.get(name) is not None:
            yield phrase(wording, key, filled | {"most": length(values.get(f"{name}_most"), wording)})
    yield phrase(wording, "digest.waiting" if values.get("longest") is not None else "digest.nobody_waits", filled)
    if values.get("asked"):
        yield phrase(wording, "digest.content" if values.get("rated") else "digest.not_rated", filled)
    number = 1
    while isinstance(agent := values.get(f"agent_{number}"), str):
        name = job.names.get(PersonRef(agent)) or wording.say("name.unknown_person")
        told: dict[str, Filling] = {
            "agent": Words(text=name),
            "count": values.get(f"answers_{number}"),
            "time": length(values.get(f"time_{number}"), wording),
        }
        key = "digest.agent" if values.get(f"time_{number}") is not None else "digest.agent_alone"
        lapsed = values.get(f"lapsed_{number}")
        more = [phrase(wording, "digest.agent_lapsed", {"count": lapsed})] if isinstance(lapsed, int) and lapsed else []
        yield joined([phrase(wording, key, told), *more], " · ")
        number += 1


def length(seconds: Value, wording: Wording) -> str:
    """Return how long something took, in its two largest units."""
    if not isinstance(seconds, int):
        return "–"
    if seconds < 60:
        return wording.say("digest.seconds", seconds=seconds)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return wording.say("digest.days", days=days, hours=hours % 24)
    if hours:
        return wording.say("digest.hours", hours=hours, minutes=minutes % 60)
    return wording.say("digest.minutes", minutes=minutes)
