"""What a window says of a setting that somebody has changed since it was opened: who it was, and what stands there now."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from bridge import settings
from bridge.model.ids import PersonRef, WorkspaceId
from bridge.model.setup import SetupSheet
from bridge.model.state import Person, Said, Value
from bridge.model.survey import Change
from bridge.slack import refs
from bridge.slack.phrase import flat
from bridge.slack.setup.worded import REFS, value
from bridge.split import head
from bridge.wording import Wording

OTHER = "set_up.other_hand"
MOST_CHANGES = 50
"""So far back it is looked who it was."""
MOST_VALUE = 80
"""Characters that are shown of what stands there."""
IDS = REFS | {"aliases", "ticket_sink"}
"""Settings that hold ids, which a field's own line shows as they are."""


class Reader(Protocol):
    """What this needs of the store, which only looks."""

    async def changes(self, workspace: WorkspaceId, objects: Sequence[str] | None, most: int) -> tuple[Change, ...]:
        """The latest changes first, at most so many; objects: of these alone."""
        ...

    async def person(self, workspace: WorkspaceId, person: PersonRef) -> Person | None:
        """Somebody, as far as that was learnt."""
        ...


async def told(
    wrong: Mapping[str, Said], sheet: SetupSheet, person: PersonRef, wording: Wording, reader: Reader
) -> Mapping[str, Said]:
    """Return what is wrong, by setting, with whoever was quicker. person: whose window it is."""
    late = [name for name, why in wrong.items() if why.key == OTHER]
    if not late:
        return wrong
    changes = await reader.changes(sheet.workspace.id, [settings.subject(sheet.account)], MOST_CHANGES)
    who = {name: next((each.who for each in changes if name in each.after), "") for name in late}
    known = {
        ref: await reader.person(sheet.workspace.id, PersonRef(ref)) for ref in set(who.values()) if _is_person(ref)
    }
    names = {ref: each.name for ref, each in known.items() if each is not None and each.name}
    stands = settings.shown(sheet.account.name, sheet.account.settings)
    told = {
        name: _said(name, settings.as_text(stands.get(name)), names.get(who[name]), wording, own=who[name] == person)
        for name in late
    }
    return {**wrong, **told}


def _is_person(ref: str) -> bool:
    return refs.person(ref) is not None


def _said(setting: str, stands: str, who: str | None, wording: Wording, *, own: bool) -> Said:
    """own: they were quicker themselves, in another window."""
    if own:
        return Said(key="set_up.own_hand")
    if setting in IDS:
        return Said(key=OTHER) if who is None else Said(key="set_up.other_hand_by", values={"who": who})
    now = flat(value(setting, stands, wording))
    values: dict[str, Value] = {"now": f"{head(now, MOST_VALUE)}…" if len(now) > MOST_VALUE else now}
    if who is None:
        return Said(key="set_up.other_hand_to", values=values)
    return Said(key="set_up.other_hand_by_to", values={**values, "who": who})
