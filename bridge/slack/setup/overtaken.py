"""A window with a setting that somebody has changed since it was opened: who it was, what stands there now, and the way on."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bridge import settings
from bridge.model.change import replace
from bridge.model.ids import PersonRef, WorkspaceId
from bridge.model.setup import SetupSheet
from bridge.model.state import Person, Said
from bridge.model.survey import Change
from bridge.slack import refs
from bridge.slack.phrase import Filling, Phrase, Words, phrase
from bridge.slack.setup import editing
from bridge.slack.setup.about import About, written
from bridge.slack.setup.worded import labelled, value
from bridge.slack.shapes import Json
from bridge.wording import Wording

OTHER = "set_up.other_hand"
MOST_CHANGES = 50
"""So far back it is looked who it was."""


class Reader(Protocol):
    """What this needs of the store, which only looks."""

    async def changes(self, workspace: WorkspaceId, objects: Sequence[str] | None, most: int) -> tuple[Change, ...]:
        """The latest changes first, at most so many; objects: of these alone."""
        ...

    async def person(self, workspace: WorkspaceId, person: PersonRef) -> Person | None:
        """Somebody, as far as that was learnt."""
        ...


def late(wrong: Mapping[str, Said]) -> list[str]:
    """Return the settings that another hand has changed since."""
    return [name for name, why in wrong.items() if why.key == OTHER]


async def anew(
    shown: dict[str, Any], about: About, names: Sequence[str], sheet: SetupSheet, person: PersonRef, reader: Reader
) -> Json:
    """Return the window with all that was typed, what stands by now and whose doing that is; sent in again, it is set.

    names: the settings that were changed. person: whose window it is.
    """
    wording = Wording(about.language)
    changes = await reader.changes(sheet.workspace.id, [settings.subject(sheet.account)], MOST_CHANGES)
    stands = {
        name: settings.as_text(each)
        for name, each in settings.shown(sheet.account.name, sheet.account.settings).items()
    }
    lines: list[Phrase] = []
    for name in names:
        who = next((each.who for each in changes if name in each.after), "")
        known = await reader.person(sheet.workspace.id, PersonRef(who)) if refs.person(who) is not None else None
        called = None if known is None or not known.name else known.name
        lines += [("\n",)] * bool(lines) + [_told(name, stands.get(name, ""), called, wording, own=who == person)]
    seen = {**about.seen, **{name: settings.mark(stands.get(name, "")) for name in names}}
    why = tuple(piece for line in lines for piece in line)
    return {**editing.noticed(shown, about, why, wording), "private_metadata": written(replace(about, seen=seen))}


def _told(setting: str, stands: str, who: str | None, wording: Wording, *, own: bool) -> Phrase:
    """own: they were quicker themselves, in another window. who: None: nobody that is known by name."""
    values: dict[str, Filling] = {
        "setting": Words(text=labelled(setting, wording)),
        "now": value(setting, stands, wording),
        "who": None if who is None else Words(text=who),
    }
    key = "set_up.own_hand" if own else "set_up.other_hand_to" if who is None else "set_up.other_hand_by_to"
    return phrase(wording, key, values)
