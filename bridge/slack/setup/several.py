"""Settings that have several fields in a window: where tickets go, and what customers read of each agent. Pure.

Nobody types an id: a channel and people are chosen.
"""

from collections.abc import Collection, Mapping, Sequence

from bridge import aliases, tickets
from bridge.model.ids import PersonRef
from bridge.model.state import Person
from bridge.slack import refs
from bridge.slack.windows.forms import AnyField, Channel, Choice, Given, Member, Typed
from bridge.wording import Wording

NOTHING = "-"
"""What stands for nothing in a menu, where every option has a value."""
WAY = "ticket_sink.way"
WHO, AS = "aliases.who", "aliases.as"
MOST_ROWS = 40
"""People with a field each; a window has room for no more beside its other fields (docs.slack.dev, Views)."""
WAYS = (
    (NOTHING, "setting.sink_none"),
    ("slack", "setting.sink_slack"),
    ("webhook", "setting.sink_webhook"),
    ("mail", "setting.sink_mail"),
)
SINK: tuple[AnyField, ...] = (
    Choice(name=WAY, label="setting.ticket_sink", redraws=True),
    Channel(name="ticket_sink.slack", label="setting.sink_channel", hint="setting.sink_channel_hint", shared=True),
    Typed(name="ticket_sink.webhook", label="setting.sink_address", hint="setting.sink_address_hint"),
    Typed(name="ticket_sink.mail", label="setting.sink_mailbox", hint="setting.sink_mailbox_hint"),
)
"""By which way tickets go, and where; of the last three the one that belongs to the way is shown."""
ALIASES: tuple[AnyField, ...] = (
    Member(name=WHO, label="setting.alias_whom", optional=True),
    Typed(name=AS, label="setting.alias_as", optional=True, most=aliases.MOST),
)
"""Somebody who has no alias yet; who has one has a field of their own."""


# ── where tickets go ──────────────────────────────────────────────────────────────────────────────────────


def way(text: str, chosen: str) -> str:
    """Return the way that is shown: the one just chosen, else that of where tickets go."""
    return chosen or tickets.way_of(text) or NOTHING


def is_shown(field: AnyField, text: str, chosen: str) -> bool:
    """Whether a field of where tickets go is one of the way that is shown."""
    return field.name in (WAY, f"ticket_sink.{way(text, chosen)}")


def of_sink(field: AnyField, text: str, chosen: str) -> Given:
    """Return what stands in one of these fields."""
    if field.name == WAY:
        return way(text, chosen)
    if f"ticket_sink.{tickets.way_of(text)}" != field.name:
        return None
    return tickets.place_of(text) or tickets.mailboxes(text)


def sink(values: Mapping[str, Given]) -> str | None:
    """Return where tickets are to go; None: not said yet."""
    chosen = values.get(WAY)
    place = values.get(f"ticket_sink.{chosen}")
    match chosen, place:
        case "-", _:
            return ""
        case "slack", str():
            return f"{tickets.SLACK}{place}"
        case "mail", str():
            return f"{tickets.MAILTO}{place.removeprefix(tickets.MAILTO)}"
        case "webhook", str():
            return place
        case _:
            return None


# ── what customers read of each agent ─────────────────────────────────────────────────────────────────────


def rows(text: str, agents: Sequence[PersonRef]) -> dict[PersonRef, str]:
    """Return what customers read of people, of the agents without an alias nothing."""
    try:
        there = dict(aliases.read(text, refs.person))
    except ValueError:
        there = {}
    return {**there, **{each: "" for each in agents if each not in there}}


def row(number: int, person: PersonRef, people: Mapping[PersonRef, Person], wording: Wording) -> Typed:
    """Return somebody's field; its name holds their place in the list, and who they are."""
    known = people.get(person)
    called = wording.say("setting.alias_of", name=person if known is None or not known.name else known.name)
    return named(f"aliases.{number:03}.{person}", called)


def named(name: str, called: str | None = None) -> Typed:
    """Return the field of that name."""
    return Typed(name=name, label="setting.aliases", called=called, optional=True, most=aliases.MOST)


def of_state(names: Collection[str]) -> list[AnyField]:
    """Return the fields of people in a window, by the names of what stands in it."""
    return [named(each) for each in sorted(names) if _person(each) is not None]


def texts(values: Mapping[str, Given]) -> str:
    """Return the aliases; a comma, which stands between them, is in none."""
    found = {person: str(values[each]) for each in sorted(values) if (person := _person(each)) and values[each]}
    who, alias = values.get(WHO), values.get(AS)
    if who and alias:
        found[PersonRef(str(who))] = str(alias)
    return ",".join(f"{person}:{each.replace(',', ' ')}" for person, each in found.items())


def half(values: Mapping[str, Given], before: Mapping[str, str]) -> dict[str, str]:
    """Return what is given of one more alias, person or words, while the other is not; *before*: where it is not shown."""
    if WHO not in values and AS not in values:
        return {name: before[name] for name in (WHO, AS) if name in before}
    given = {name: str(values[name]) for name in (WHO, AS) if values.get(name)}
    return given if len(given) == 1 else {}


def unfit(values: Mapping[str, Given]) -> dict[str, str]:
    """Return what is wrong with these fields, by their names: keys of the catalogue."""
    found = {each: "setting.alias_comma" for each, given in values.items() if _is_alias(each) and "," in str(given)}
    if values.get(WAY) not in (None, NOTHING) and f"ticket_sink.{values[WAY]}" not in values:
        found[WAY] = "setting.sink_where"  # sent in before the field of the way just chosen was there
    if WHO in values and bool(values[WHO]) is not bool(values.get(AS)):
        found[AS if values[WHO] else WHO] = "window.empty"
    return found


def _is_alias(name: str) -> bool:
    return name == AS or _person(name) is not None


def _person(name: str) -> PersonRef | None:
    """Return whose field it is."""
    setting, _, rest = name.partition(".")
    return refs.person(rest.partition(".")[2]) if setting == "aliases" else None
