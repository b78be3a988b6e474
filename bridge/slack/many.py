"""What is read of several incidents of a kind that are told together: a line for each, ticked off as it is mended. Pure."""

from collections.abc import Callable, Iterator, Sequence

from bridge.model.change import replace
from bridge.model.decision import Job
from bridge.model.ids import PersonRef
from bridge.model.incident import Incident, Member
from bridge.rules.desk.many import OF
from bridge.slack.phrase import At, Phrase, Words, phrase
from bridge.wording import Wording

MOST_LINES = 60
"""So many are told one by one: more than that nobody reads."""
Titled = Callable[[Job, Incident, Wording], Phrase]


def lines_of(job: Job, digest: Incident, members: Sequence[Member], wording: Wording, title: Titled) -> list[Phrase]:
    """Return how many of what there are, and a line for each. title: what is said of one."""
    left = [each for each in members if each.incident.closed_at is None]
    kind = digest.values.get(OF)
    key = f"alert.many.{kind}"
    count = {"count": len(left or members)}
    opening = phrase(wording, key if key in wording else "alert.many", count)
    found = [opening, *_each(job, members[:MOST_LINES], wording, title)]
    if len(members) > MOST_LINES:
        found.append(phrase(wording, "told.more", {"count": len(members) - MOST_LINES}))
    return found


def _each(job: Job, members: Sequence[Member], wording: Wording, title: Titled) -> Iterator[Phrase]:
    for each in members:
        line = title(replace(job, account=each.account, incident=each.incident), each.incident, wording)
        if (closed := each.incident.closed_at) is None:
            yield ("• ", *line)
            continue
        by = each.incident.values.get("by")
        when = At(moment=closed)
        if isinstance(by, str) and by:
            agent = Words(text=job.names.get(PersonRef(by)) or wording.say("name.unknown_person"))
            yield ("✅ ", *line, " · ", *phrase(wording, "told.mended_by", {"agent": agent, "when": when}))
        else:
            yield ("✅ ", *line, " · ", *phrase(wording, "told.mended", {"when": when}))
