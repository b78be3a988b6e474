"""An account's settings as people read them: what each is called, what stands in it, and what was changed. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from bridge import tickets
from bridge.model.change import replace
from bridge.model.state import Said
from bridge.settings.spelling import spelt
from bridge.slack import refs
from bridge.slack.phrase import Filling, Group, Mention, Phrase, Place, Words, joined, phrase
from bridge.slack.setup.sections import SECTIONS, values_of
from bridge.split import head
from bridge.unread import GIVEN
from bridge.wording import Wording, catalogues

MOST_VALUE = 80
"""Characters that are shown of words of the house's own."""
MOST_NAMED = 20
"""People who are named of a list."""
REFS = frozenset({"channel", "alerts_channel", "owners", "agents", "leads", "on_call"})
"""Settings that are people, groups or channels."""
NOTHING = {
    "agents": "setting.every_member",
    "leads": "setting.whoever_answers",
    "alerts_channel": "setting.same_channel",
    "customer_language": "setting.as_desk",
    "card_fields": "setting.name_alone",
    "auto_first_text": "setting.own_words_none",
    "auto_away_text": "setting.own_words_none",
    "auto_unanswered_text": "setting.own_words_none",
    "auto_csat_text": "setting.own_words_none",
}
"""What it means that nothing stands there."""
ONLY = {"agents": "set_up.only_agents", "leads": "set_up.only_leads"}
GONE = {"agents": "set_up.gone_agents", "leads": "set_up.gone_leads"}
SECRET = {"set": "setting.secret_set", "replaced": "setting.secret_replaced", "removed": "setting.secret_removed"}
"""What the audit keeps of a secret."""
LANGUAGES = {"en": "language.en", "ja": "language.ja"}
"""The languages that the desk speaks, by what their readers call them."""
_NAMED = re.compile(r"[a-z_]+=")
_QUOTED = re.compile(r"“(.*)”", re.DOTALL)

LABELS: Mapping[str, str] = {
    "aliases": "setting.aliases",
    "ticket_sink": "setting.ticket_sink",
    tickets.SECRET: "setting.ticket_secret",
    **{each.name: each.label for some in SECTIONS.values() for each in some if "." not in each.name},
}
"""The keys of what settings are called in their window, each beneath the one before it."""
ALONE: Mapping[str, str] = {
    "undo_seconds": "setting.undo_seconds_alone",
    "explicit_sign": "setting.explicit_sign_alone",
    "card_fields": "setting.card_fields_alone",
    "media": "setting.media_alone",
    "auto_first": "setting.auto_first_alone",
    "auto_first_text": "setting.auto_first_text_alone",
    "auto_away": "setting.auto_away_alone",
    "auto_away_text": "setting.auto_away_text_alone",
    "auto_unanswered": "setting.auto_unanswered_alone",
    "auto_unanswered_text": "setting.auto_unanswered_text_alone",
    "auto_csat_text": "setting.auto_csat_text_alone",
}
"""The keys of what those are called elsewhere whose label means nothing without its neighbours."""


def called(setting: str, wording: Wording) -> str:
    """Return what a setting is called where it stands alone; one that has no such word is called as it is."""
    return wording.say(ALONE[setting]) if setting in ALONE else labelled(setting, wording)


def labelled(setting: str, wording: Wording) -> str:
    """Return what a setting is called in its window; one that has no such word is called as it is."""
    return wording.say(LABELS[setting]) if setting in LABELS else setting


def language(code: str, wording: Wording) -> str:
    """Return what a language is called by whoever reads of it; one without such a name is called as it calls itself."""
    if code in LANGUAGES:
        return wording.say(LANGUAGES[code])
    return catalogues().get(code, {}).get("language.name", code)


def humane(said: Said, wording: Wording, name: Callable[[str, Wording], str] = called) -> Said:
    """Return a sentence about settings with their names and what was typed as people read them, without the terminal's signs.

    name: what a setting is called where it is read.
    """
    values = dict(said.values)
    if isinstance(given := values.get(GIVEN), str):
        words = _NAMED.sub("", given, count=1)
        quoted = _QUOTED.fullmatch(words)
        values[GIVEN] = words if quoted is None else wording.say("spelled.quoted", words=quoted[1])
    if isinstance(example := values.get("example"), str):
        values["example"] = spelt("hours", example, wording)
    if said.key == "set_up.language" and isinstance(code := values.get("language"), str):
        values["language"] = language(code, wording)
    if isinstance(setting := values.get("setting"), str):
        values["setting"] = wording.say("spelled.quoted", words=name(setting, wording))
    return replace(said, values=values)


def value(setting: str, text: str, wording: Wording) -> Phrase:
    """Return what stands in a setting; of an address no more than whose it is."""
    if not text:
        return phrase(wording, NOTHING.get(setting, "setting.nothing"), {})
    if setting in REFS:
        return _refs(text.split(","), wording)
    if known := dict(values_of(setting)):
        chosen = [wording.say(known[each]) if each in known else each for each in text.split(",")]
        return (Words(text=wording.listed(chosen)),)
    match setting:
        case "customer_language":
            return (catalogues().get(text, {}).get("language.name", text),)
        case "aliases":
            return _aliases(text, wording)
        case "ticket_sink":
            return _sink(text)
        case tickets.SECRET if text in SECRET:
            return phrase(wording, SECRET[text], {})
        case _ if setting.endswith("_text"):
            line = " ".join(text.split())
            short = f"{head(line, MOST_VALUE)}…" if len(line) > MOST_VALUE else line
            return phrase(wording, "spelled.quoted", {"words": Words(text=short)})
        case _:
            return (Words(text=spelt(setting, text, wording)),)


def differences(before: Mapping[str, str], after: Mapping[str, str], wording: Wording) -> list[Phrase]:
    """Return a line for each setting that was changed: what it was and is, and who may no longer do something."""
    return [_difference(each, before.get(each, ""), text, wording) for each, text in after.items()]


def _difference(setting: str, before: str, after: str, wording: Wording) -> Phrase:
    values: dict[str, Filling] = {
        "setting": Words(text=called(setting, wording), bold=True),
        "before": value(setting, before, wording),
        "after": value(setting, after, wording),
    }
    if before == after:
        return phrase(wording, "set_up.stands", {"setting": values["setting"], "value": values["after"]})
    note = _consequence(setting, before, after, wording)
    if note is None:
        return phrase(wording, "set_up.difference", values)
    return phrase(wording, "set_up.difference_noted", {**values, "note": note})


def _consequence(setting: str, before: str, after: str, wording: Wording) -> Phrase | None:
    """Return who may no longer do something; None: everybody may, or it is not known, since a group is named."""
    named = [each for each in after.split(",") if each]
    if setting not in ONLY or not named:
        return None
    if not before:
        key = ONLY[setting]
        return phrase(wording, key, {})
    gone = [each for each in before.split(",") if each not in named]
    if not gone or any(refs.group(each) for each in named):
        return None
    key = GONE[setting]
    return phrase(wording, key, {"people": _refs(gone, wording)})


def _refs(texts: Sequence[str], wording: Wording) -> Phrase:
    more: list[Phrase] = [("…",)] if len(texts) > MOST_NAMED else []
    return joined([*(_ref(each) for each in texts[:MOST_NAMED]), *more], wording.between)


def _ref(text: str) -> Phrase:
    if (person := refs.person(text)) is not None:
        return (Mention(person=person),)
    if (group := refs.group(text)) is not None:
        return (Group(group=group),)
    if (place := refs.place(text)) is not None:
        return (Place(channel=place),)
    return (Words(text=text),)


def _aliases(text: str, wording: Wording) -> Phrase:
    pairs = [each.partition(":") for each in text.split(",")]
    shown: list[Phrase] = [(*_ref(who), " ", Words(text=alias)) for who, _, alias in pairs[:MOST_NAMED]]
    return joined([*shown, *([("…",)] if len(pairs) > MOST_NAMED else [])], wording.between)


def _sink(text: str) -> Phrase:
    """Return where tickets go; the rest of an address may be what lets somebody in there."""
    if (place := tickets.place_of(text)) is not None:
        return (Place(channel=place),)
    if tickets.way_of(text) == "mail":
        return (Words(text=tickets.mailboxes(text)),)
    parts = urlsplit(text)
    rest = "/…" if parts.path.strip("/") or parts.query else ""
    return (Words(text=f"{parts.scheme}://{parts.hostname}{rest}"),)
