"""The window of an account's settings: one part at a time, values as they stand, what was typed elsewhere kept. Pure."""

from collections.abc import Collection, Mapping, Sequence

from bridge import settings
from bridge.model.change import replace
from bridge.model.setup import Change
from bridge.model.state import Said, Wish
from bridge.settings import spelling
from bridge.slack.blocks import section, small
from bridge.slack.phrase import Json, Phrase, phrase
from bridge.slack.setup import keying, several
from bridge.slack.setup.about import MOST, About, written
from bridge.slack.setup.confirming import said
from bridge.slack.setup.kinds import Drawing, Drawn, SetupWindow
from bridge.slack.setup.sections import (
    FIRST,
    GROUPS,
    NAMES,
    SECTIONS,
    TICKETS,
    WITH_GROUPS,
    plain_options,
    setting_of,
    settings_in,
    values_of,
)
from bridge.slack.setup.several import NOTHING
from bridge.slack.windows import forms
from bridge.slack.windows.forms import AnyField, Choice, Given, Members, Options, Several
from bridge.wording import Wording, catalogues

PART = "part"
"""The field that says which part is shown."""
NOTICE = "notice"
"""The block that says why a window has not become another one."""
CHOOSER = Choice(name=PART, label="setting.part", redraws=True)
MOST_PEOPLE = 100
"""So many may be chosen in one menu (docs.slack.dev, Multi-select menu element)."""


def fields(about: About) -> Sequence[AnyField]:
    """Return the fields of the part that is shown."""
    return (CHOOSER, *SECTIONS.get(about.section, SECTIONS[FIRST]))


def rows(names: Collection[str]) -> Sequence[AnyField]:
    """Return the fields that stand in a window besides: those of people, and the choice of parts under another name."""
    anew = [replace(CHOOSER, name=each) for each in names if each.startswith(f"{PART}.")]
    return (*anew, *several.of_state(names))


def typed(about: About, values: Mapping[str, Given]) -> dict[str, str]:
    """Return what is wanted by now: what was changed in the part that is shown, and before in the others."""
    part = about.section if about.section in SECTIONS else FIRST
    wanted = {name: text for name, text in _whole(about.held).items() if name not in settings_in(part)}
    there = {setting_of(each) for each in values}
    for name in settings_in(part):
        seen = about.seen.get(name)
        text = _text(name, values) if name in there else None
        if text is not None and seen is not None and settings.mark(text) != seen:
            wanted[name] = text
    return wanted


def _whole(held: Mapping[str, str]) -> dict[str, str]:
    """Return what can be set of what was typed: an alias of which one half is given cannot."""
    return {name: text for name, text in held.items() if name not in (several.WHO, several.AS)}


def kept(about: About, values: Mapping[str, Given]) -> dict[str, str]:
    """Return what is kept while another part is shown: what is wanted, and what is only half given."""
    return {**typed(about, values), **several.half(values, about.held)}


def _text(name: str, values: Mapping[str, Given]) -> str | None:
    """Return a setting's text from its fields; None: it is not said yet."""
    if name == "ticket_sink":
        return several.sink(values)
    if name == "aliases":
        return several.texts(values)
    found = [str(values[each]) for each in (name, f"{name}{GROUPS}") if values.get(each) is not None]
    text = ",".join(found)
    return "" if text == NOTHING else _plain(name, text)


def _plain(name: str, text: str) -> str:
    """Return a setting's text as it is kept; what cannot be read stays as it was typed, to be spoken of."""
    plain = spelling.plain(name, text)
    return plain if settings.readable(name, plain) else text


def draw(drawing: Drawing) -> Drawn | Said:
    """Return the part that is wanted, with what stands in it, or what was typed there."""
    account, about = drawing.sheet.account, drawing.about
    if account.wish is Wish.REMOVED:
        return Said(key="set_up.is_removed", values={"account": account.name})
    part = about.section if about.section in SECTIONS else FIRST
    stands = settings.shown(account.name, account.settings)
    shown = {name: settings.as_text(stands[name]) for name in settings_in(part)}
    skipped = [name for name in shown if _too_many(name, stands[name])]
    now = {name: about.held.get(name, text) for name, text in shown.items()}
    marks = {name: settings.mark(text) for name, text in shown.items() if name not in skipped}
    # What was typed in other parts is measured by what stood there when it was typed.
    before = {name: mark for name, mark in about.seen.items() if name in about.held}
    after = replace(about, section=part, seen={**marks, **before}, way="")
    if len(written(after)) > MOST:
        return Said(key="set_up.too_much")
    drawn = [
        block
        for each in SECTIONS[part]
        if setting_of(each.name) not in skipped
        for block in (*_before(each, now, drawing), *_field(each, now, drawing))
    ]
    if part == TICKETS and several.way(now["ticket_sink"], about.way) == "webhook":
        drawn.append(keying.row(drawing))
    few = [small(said(drawing, "set_up.too_many"))] if skipped else []
    return Drawn(blocks=[*_head(drawing, part), *drawn, *few], about=after)


def _too_many(name: str, value: object) -> bool:
    return isinstance(value, list) and len(value) > (several.MOST_ROWS if name == "aliases" else MOST_PEOPLE)


def _before(field: AnyField, now: Mapping[str, str], drawing: Drawing) -> list[Json]:
    """Return the fields of people who have an alias, or are agents, before that of another one."""
    if field.name != several.WHO:
        return []
    sheet, wording = drawing.sheet, drawing.wording
    rows = [*several.rows(now["aliases"], sheet.account.settings.agents).items()][: several.MOST_ROWS]
    each = [
        forms.draw(several.row(number, who, sheet.known.people, wording), wording, alias)
        for number, (who, alias) in enumerate(rows)
    ]
    return [small(phrase(wording, "setting.aliases_hint", {})), *each]


def noticed(shown: Json, about: About, why: Phrase, wording: Wording) -> Json:
    """Return a window that is open as it is, with all that was typed, and why it has not become another one.

    Its choice of parts has another name, since Slack keeps what was chosen by name.
    """
    part = about.section if about.section in SECTIONS else FIRST
    blocks: list[Json] = [{**section(("⚠️ ", *why)), "block_id": NOTICE}]
    for each in shown["blocks"]:
        name = str(each.get("block_id"))
        if setting_of(name) == PART:
            count = int(name.partition(".")[2] or 0) + 1
            blocks.append(forms.draw(replace(CHOOSER, name=f"{PART}.{count}"), wording, part, _parts(wording)))
        elif name != NOTICE:
            blocks.append(each)
    kept = ("type", "callback_id", "private_metadata", "title", "submit", "close")
    return {**{name: shown[name] for name in kept}, "blocks": blocks}


def _parts(wording: Wording) -> Options:
    return [(name, wording.say(key)) for name, key in NAMES.items()]


def _head(drawing: Drawing, part: str) -> list[Json]:
    """Return what the window is about, what was typed in other parts, and the choice of parts."""
    wording = drawing.wording
    held_of = set(map(setting_of, drawing.about.held))
    others = [wording.say(NAMES[each]) for each in NAMES if each != part and set(settings_in(each)) & held_of]
    held = [small(phrase(wording, "set_up.held", {"parts": wording.listed(others)}))] if others else []
    return [section(_title(drawing)), forms.draw(CHOOSER, wording, part, _parts(wording)), *held]


def _title(drawing: Drawing) -> Phrase:
    return said(drawing, "set_up.edit")


def _field(field: AnyField, now: Mapping[str, str], drawing: Drawing) -> list[Json]:
    """Return a field's block; none where there is nothing to choose from, or tickets go another way."""
    setting = setting_of(field.name)
    text, way = now[setting], drawing.about.way
    options = _options(field, text, drawing)
    if isinstance(field, Choice | Several) and not options:
        return []
    if setting == "aliases":
        return [forms.draw(field, drawing.wording, drawing.about.held.get(field.name))]
    if setting == "ticket_sink":
        given = several.of_sink(field, text, way)
        return [forms.draw(field, drawing.wording, given, options)] if several.is_shown(field, text, way) else []
    initial: Given = spelling.spelt(setting, text, drawing.wording) or None
    if field.name.endswith(GROUPS) or isinstance(field, Members):
        wants_groups = field.name.endswith(GROUPS)
        initial = ",".join(each for each in text.split(",") if each and each.startswith("S") is wants_groups) or None
    elif isinstance(field, Choice):
        initial = text or NOTHING
    return [forms.draw(field, drawing.wording, initial, options)]


def _options(field: AnyField, text: str, drawing: Drawing) -> Options:
    """Return what may be chosen in a field; a group that is named and not known stays."""
    wording = drawing.wording
    if field.name.endswith(GROUPS):
        named = [each for each in text.split(",") if each.startswith("S") and each not in drawing.groups]
        return [*drawing.groups.items(), *((each, each) for each in named)]
    if known := values_of(field.name):
        return [(value, wording.say(key)) for value, key in known]
    plain = [(value, _called(value)) for value, _ in plain_options(field.name)]
    nothing = [(NOTHING, wording.say("setting.as_desk"))] if field.name == "customer_language" else []
    return [*nothing, *plain]


def _called(value: str) -> str:
    """Return a language by its own name; anything else as it is set."""
    return catalogues().get(value, {}).get("language.name", value)


EDIT = SetupWindow(
    name="setup:edit",
    title="set_up.edit_title",
    submit="button.save",
    change=Change.SETTINGS,
    draw=draw,
    wants_groups=lambda about: (about.section or FIRST) in WITH_GROUPS,
    fields=fields,
    rows=rows,
    unfit=several.unfit,
    typed=typed,
)
