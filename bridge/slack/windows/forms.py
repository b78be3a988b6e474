"""A form's fields: as Block Kit, and back as checked values. Pure; every word comes from the catalogue.

A field is one input block; its name is the block's id and the element's. What is wrong is said at the field.
https://docs.slack.dev/reference/block-kit/blocks/input-block and https://docs.slack.dev/surfaces/modals
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, assert_never

from bridge.model.word import Word
from bridge.slack.phrase import Json
from bridge.slack.shapes import clean, is_id, people, thing
from bridge.split import head
from bridge.wording import Wording

MOST_TYPED = 3_000
"""Characters in one field; Slack takes no more."""
MOST_OPTION, MOST_OPTIONS = 75, 100
"""Characters of an option's words, and how many options a menu may have."""

MOST_HEADING = 24
"""Characters of a view's title and of the words on its buttons (docs.slack.dev, Modals)."""

Given = str | int | None
"""What somebody typed or chose; None: nothing."""


class Field(Word, kw_only=True):
    """What all fields have: *label* and *hint* are keys of the catalogue."""

    name: str
    label: str
    hint: str | None = None
    optional: bool = False


class Typed(Field, kw_only=True):
    """Words. most: characters. lines: several lines of them. called: what stands in place of the label."""

    most: int = MOST_TYPED
    lines: bool = False
    called: str | None = None


class Choice(Field, kw_only=True):
    """One of several options. redraws: the window changes with it at once."""

    redraws: bool = False


class Later(Field, kw_only=True):
    """A moment that is still to come, within *longest*; as seconds since the epoch."""

    longest: timedelta


class Member(Field, kw_only=True):
    """Somebody of the workspace, by Slack's id."""


class Channel(Field, kw_only=True):
    """A channel of the workspace, by Slack's id. shared: it may be one that another company reads too."""

    shared: bool = False


class Members(Field, kw_only=True):
    """People of the workspace, by Slack's ids with commas."""


class Several(Field, kw_only=True):
    """Any of several options, by their values with commas."""


class Upload(Field, kw_only=True):
    """A file of one of these types, by Slack's id. https://docs.slack.dev/reference/block-kit/block-elements/file-input-element"""

    types: tuple[str, ...]


AnyField = Typed | Choice | Later | Member | Channel | Members | Several | Upload
Options = Sequence[tuple[str, str]]
"""Values, and the words that stand for them."""


class Read(Word, kw_only=True):
    """What a form was sent in with. wrong: by field, what to say there."""

    values: Mapping[str, Given]
    wrong: Mapping[str, str]


TEXT = "text"
"""The field for the words themselves, in every window."""


def anew(name: str, pick: str) -> str:
    """Return another name of the same field: in one of the same name Slack keeps what was typed before."""
    return f"{name}.{pick}" if pick else name


def standing(values: Mapping[str, Given], name: str) -> str | None:
    """Return what was typed in a field, by whichever of its names."""
    found = (value for each, value in values.items() if each.partition(".")[0] == name)
    return next((value for value in found if isinstance(value, str)), None)


def text_of(values: Mapping[str, Given]) -> str | None:
    """Return the words that were typed."""
    return standing(values, TEXT)


def draw(field: AnyField, wording: Wording, initial: Given = None, options: Options = ()) -> Json:
    """Return a field's input block. initial: what stands or is chosen in it. options: of a choice, never none."""
    called = field.called if isinstance(field, Typed) else None
    label = plain_text(wording.say(field.label) if called is None else called)
    block: Json = {"type": "input", "block_id": field.name, "label": label, "optional": field.optional}
    if field.hint is not None:
        block["hint"] = plain_text(wording.say(field.hint))
    element: Json = {"action_id": field.name}
    match field:
        case Typed(most=most, lines=lines):
            element |= {"type": "plain_text_input", "multiline": lines, "max_length": most}
            if isinstance(initial, str) and initial:
                element["initial_value"] = head(initial, most)
        case Choice(redraws=redraws):
            offered = [_option(value, words) for value, words in options[:MOST_OPTIONS]]
            element |= {"type": "static_select", "options": offered}
            chosen = next((each for each in offered if each["value"] == initial), None)
            element |= {} if chosen is None else {"initial_option": chosen}
            block |= {"dispatch_action": True} if redraws else {}
        case Later():
            element |= {"type": "datetimepicker"}
            element |= {"initial_date_time": initial} if isinstance(initial, int) else {}
        case Member():
            element |= {"type": "users_select"}
            element |= {"initial_user": initial} if isinstance(initial, str) else {}
        case Channel(shared=shared):
            shown: Json = {"include": ["public", "private"]}
            shown |= {} if shared else {"exclude_external_shared_channels": True}
            element |= {"type": "conversations_select", "filter": shown}
            element |= {"initial_conversation": initial} if isinstance(initial, str) else {}
        case Members():
            element |= {"type": "multi_users_select"}
            element |= {"initial_users": initial.split(",")} if isinstance(initial, str) and initial else {}
        case Several():
            element |= _several(initial, options)
        case Upload(types=types):
            element |= {"type": "file_input", "filetypes": list(types), "max_files": 1}
        case _:
            assert_never(field)
    return {**block, "element": element}


def heading(words: str) -> Json:
    """Return a view's title, or the words on one of its two buttons: as much as fits."""
    return plain_text(head(words, MOST_HEADING))


def _several(initial: Given, options: Options) -> Json:
    """Return a menu of which any number may be chosen."""
    offered = [_option(value, words) for value, words in options[:MOST_OPTIONS]]
    chosen = [each for each in offered if each["value"] in str(initial or "").split(",")]
    menu: Json = {"type": "multi_static_select", "options": offered}
    return menu | ({"initial_options": chosen} if chosen else {})


def plain_text(text: str) -> Json:
    """Return words as Slack wants those that cannot be formatted."""
    return {"type": "plain_text", "text": text}


def read(fields: Sequence[AnyField], state: object, wording: Wording, now: datetime) -> Read:
    """Return what was typed and chosen in a view's state, checked as it stands; total.

    What is not among the fields is left alone.
    """
    values: dict[str, Given] = {}
    wrong: dict[str, str] = {}
    for field in fields:
        element = thing(thing(thing(state).get(field.name)).get(field.name))
        value = values[field.name] = _value(field, element)
        said = _wrong(field, value, now)
        if said is not None:
            wrong[field.name] = wording.say(said, most=getattr(field, "most", 0), days=_days(field))
    return Read(values=values, wrong=wrong)


def _value(field: AnyField, element: Mapping[str, Any]) -> Given:
    match field:
        case Typed():
            typed = element.get("value")
            return (clean(typed).strip() or None) if isinstance(typed, str) else None
        case Choice():
            chosen = thing(element.get("selected_option")).get("value")
            return chosen if isinstance(chosen, str) and chosen else None
        case Later():
            picked = element.get("selected_date_time")
            return picked if isinstance(picked, int) and not isinstance(picked, bool) else None
        case Member():
            person = element.get("selected_user")
            return person if isinstance(person, str) and is_id(person) else None
        case Channel():
            channel = element.get("selected_conversation")
            return channel if isinstance(channel, str) and is_id(channel) else None
        case Members():
            return ",".join(people(*_listed(element.get("selected_users")))) or None
        case Upload():
            file = thing(next(iter(_listed(element.get("files"))), None)).get("id")
            return file if isinstance(file, str) and is_id(file) else None
        case Several():
            options = [thing(each).get("value") for each in _listed(element.get("selected_options"))]
            return ",".join(each for each in options if isinstance(each, str)) or None
        case _:
            assert_never(field)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _wrong(field: AnyField, value: Given, now: datetime) -> str | None:
    """What is wrong with a value, by its key."""
    if value is None:
        return None if field.optional else "window.empty"
    match field, value:
        case Typed(most=most), str() if len(value) > most:
            return "window.too_long"
        case Later(), int() if value <= now.timestamp():
            return "window.past"
        case Later(longest=longest), int() if value > (now + longest).timestamp():
            return "window.too_far"
        case _:
            return None


def _days(field: AnyField) -> int:
    return field.longest.days if isinstance(field, Later) else 0


def _option(value: str, words: str) -> Json:
    shown = words if len(words) <= MOST_OPTION else head(words, MOST_OPTION - 1).rstrip() + "…"
    return {"text": plain_text(shown), "value": value}
