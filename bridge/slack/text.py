"""What an agent wrote in Slack, as plain text for the customer, and customers' words made harmless for Slack.

Pure. Reads a message's rich text, which every message typed by a person has, and falls back to its mrkdwn ``text``
(docs.slack.dev, Rich text block and Formatting message text). Total: any JSON gives some text.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import unquote

from bridge.model.word import Word
from bridge.slack import emoji
from bridge.split import head

_TARGET_FIELD = {
    "user": "user_id",
    "usergroup": "usergroup_id",
    "team": "team_id",
    "channel": "channel_id",
    "broadcast": "range",
}
_CONTAINERS = {"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"}
_WITHOUT_WORDS = {"text", "rich_text", *_CONTAINERS}
_CONTROL = re.compile(r"<([^<>]*)>")
_ADDRESS = re.compile(r"(?i)[a-z][a-z0-9+.-]*:")
_DEEPEST = 20
_BLANK_START = re.compile(r"\A(?:[^\S\n]*\n)+")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = frozenset("\u200b\u2060\ufeff")

Json = object
"""Whatever `json.loads` may return: nothing about it is sure."""


class Names(Word, kw_only=True):
    """What to call those whom a message mentions, by Slack's id.

    unknown: a neutral word, in the customer's language, for a person or group not listed; unknown_channel likewise.
    """

    users: Mapping[str, str]
    channels: Mapping[str, str]
    usergroups: Mapping[str, str]
    unknown: str
    unknown_channel: str = "…"


class Mentions(Word, kw_only=True):
    """Whom and what a message mentions: Slack's ids, each once, in the order written.

    usergroups: workspaces (``team`` elements) among them; broadcasts: here, channel, everyone.
    """

    users: tuple[str, ...] = ()
    usergroups: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    broadcasts: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Say whether there is any mention at all."""
        return bool(self.users or self.usergroups or self.channels or self.broadcasts)


def plain(message: Mapping[str, Json], names: Names) -> str:
    """Return the message as the customer shall read it: names, never ids; no blank lines around it."""
    blocks = "\n".join(_containers(_list(block.get("elements")), names) for block in _rich_blocks(message))
    return _trimmed(blocks) or _trimmed(_from_mrkdwn(_text(message.get("text")), names))


def mentions(message: Mapping[str, Json]) -> Mentions:
    """Return whom the message mentions, in lists, quotes and code too."""
    found: dict[str, dict[str, None]] = {"user": {}, "usergroup": {}, "channel": {}, "broadcast": {}}
    for kind, target in _mentioned(message):
        found[kind][target] = None
    return Mentions(
        users=tuple(found["user"]),
        usergroups=tuple(found["usergroup"]),
        channels=tuple(found["channel"]),
        broadcasts=tuple(found["broadcast"]),
    )


def leading_mention(message: Mapping[str, Json]) -> str | None:
    """Return the id of the user whose mention begins the message, after white space; else None."""
    for leaf in _leaves(message):
        if leaf.get("type") in _WITHOUT_WORDS and not _text(leaf.get("text")).strip():
            continue
        kind, target = _mention(leaf)
        return target if kind == "user" else None
    return None


def unaddressed(message: Mapping[str, Json]) -> str:
    """Return the words of a message without whom it mentions, on one line."""
    words = (_text(leaf.get("text")) for leaf in _leaves(message) if _mention(leaf) == ("", ""))
    return " ".join("".join(words).split())


def escape(text: str) -> str:
    """Return *text* with the three characters that mrkdwn gives a meaning escaped (docs.slack.dev, Formatting)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def inert_name(text: str, maximum: int = 80) -> str:
    """Return a customer's name fit for Slack's ``username``: one line, nothing that mentions, hides or turns the text.

    maximum: in code points; no character as people see it is cut in two. Empty when nothing visible is left.
    """
    kept = "".join(" " if character.isspace() else character for character in text if _harmless(character))
    name = head(" ".join(kept.split()), maximum).rstrip()
    visible = any(unicodedata.category(character)[0] not in "CMZ" for character in name)
    return name if visible else ""


def _harmless(character: str) -> bool:
    if character in _BIDI or character in _INVISIBLE or character in "<>&":
        return False
    return character.isspace() or unicodedata.category(character) not in {"Cc", "Cs", "Cn", "Co"}


# -- rich text ------------------------------------------------------------------------------------------------------


def _rich_blocks(message: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    return [block for block in _list(message.get("blocks")) if block.get("type") == "rich_text"]


def _containers(elements: Sequence[Mapping[str, Json]], names: Names) -> str:
    """Set each container on lines of its own; what a section ends with is not doubled."""
    text = ""
    for element in elements:
        piece = _container(element, names)
        inline = element.get("type") not in _CONTAINERS
        if text and piece and not inline and not text.endswith("\n"):
            text += "\n"
        text += piece
    return text


def _container(element: Mapping[str, Json], names: Names) -> str:
    match element.get("type"):
        case "rich_text_list":
            return _listed(element, names)
        case "rich_text_quote":
            return _prefixed(_inline(element, names), "> ")
        case _:
            return _inline(element, names)


def _listed(element: Mapping[str, Json], names: Names) -> str:
    """Return a list's lines; Slack makes a new list, with ``offset``, wherever the indent changes."""
    indent = "  " * min(_whole(element.get("indent")), 8)
    ordered = element.get("style") == "ordered"
    lines = []
    for number, item in enumerate(_list(element.get("elements")), _whole(element.get("offset")) + 1):
        mark = f"{number}. " if ordered else "• "
        lines.append(indent + mark + _inline(item, names).replace("\n", "\n" + indent + " " * len(mark)))
    text = "\n".join(lines)
    return _prefixed(text, "> ") if element.get("border") == 1 else text


def _prefixed(text: str, prefix: str) -> str:
    return "\n".join(prefix + line for line in text.removesuffix("\n").split("\n")) if text else ""


def _inline(element: Mapping[str, Json], names: Names, depth: int = 0) -> str:
    """Return one element's text; of an element we do not know, the text it carries."""
    match element.get("type"):
        case "link":
            return _link(_text(element.get("url")), _text(element.get("text")))
        case "emoji":
            return _emoji(element)
        case "date":
            return _text(element.get("fallback")) or _moment(element.get("timestamp"))
        case "color":
            return _text(element.get("value"))
        case _:
            return _mentioned_or_carried(element, names, depth)


def _mentioned_or_carried(element: Mapping[str, Json], names: Names, depth: int) -> str:
    kind, target = _mention(element)
    if kind:
        return _called(kind, target, _text(element.get("label")), names)
    if text := _text(element.get("text")):
        return text
    if depth >= _DEEPEST:
        return ""
    inner = "".join(_inline(child, names, depth + 1) for child in _list(element.get("elements")))
    return inner or _text(element.get("fallback"))


def _emoji(element: Mapping[str, Json]) -> str:
    """Return the characters Slack names by code point, tone included; a workspace's own emoji stay ``:name:``."""
    try:
        return "".join(chr(int(code, 16)) for code in _text(element.get("unicode")).split("-")).encode().decode()
    except (ValueError, OverflowError):
        name, _, suffix = _text(element.get("name")).partition("::skin-tone-")
        tone = int(suffix) if suffix in {"2", "3", "4", "5", "6"} else _whole(element.get("skin_tone"))
        return emoji.named(name, tone) or (f":{name}:" if name else "")


# -- mrkdwn ---------------------------------------------------------------------------------------------------------


def _from_mrkdwn(text: str, names: Names) -> str:
    pieces = _CONTROL.split(text)
    return "".join(
        _inline(_control(piece), names) if index % 2 else emoji.decoded(_unescape(piece))
        for index, piece in enumerate(pieces)
    )


def _control(inside: str) -> Mapping[str, Json]:
    """Return what stands between ``<`` and ``>`` as the rich text element it would have been."""
    target, _, label = inside.partition("|")
    target, label = _unescape(target), _unescape(label)
    match target[:1], target[1:]:
        case "@", user:
            return {"type": "user", "user_id": user, "label": label}
        case "#", channel:
            return {"type": "channel", "channel_id": channel, "label": label}
        case "!", special:
            return _special(special, label)
        case _ if _ADDRESS.match(target):
            return {"type": "link", "url": target, "text": label}
        case _:
            return {"type": "text", "text": f"<{_unescape(inside)}>"}


def _special(special: str, label: str) -> Mapping[str, Json]:
    kind, _, rest = special.partition("^")
    match kind:
        case "here" | "channel" | "everyone" | "group":
            return {"type": "broadcast", "range": "channel" if kind == "group" else kind}
        case "subteam":
            return {"type": "usergroup", "usergroup_id": rest, "label": label}
        case "date":
            return {"type": "date", "timestamp": rest.partition("^")[0], "fallback": label}
        case _:
            return {"type": "text", "text": label}


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


# -- what both share ------------------------------------------------------------------------------------------------


def _leaves(message: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """Yield the elements that hold words, from the rich text, else from the mrkdwn."""
    blocks = _rich_blocks(message)
    for block in blocks:
        yield from _leaves_of(block, 0)
    if not blocks:
        for index, piece in enumerate(_CONTROL.split(_text(message.get("text")))):
            yield _control(piece) if index % 2 else {"type": "text", "text": piece}


def _leaves_of(element: Mapping[str, Json], depth: int) -> Iterator[Mapping[str, Json]]:
    children = _list(element.get("elements"))
    if not children:
        yield element
    elif depth < _DEEPEST:
        for child in children:
            yield from _leaves_of(child, depth + 1)


def _mentioned(message: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    for leaf in _leaves(message):
        kind, target = _mention(leaf)
        if kind:
            yield ("usergroup" if kind == "team" else kind), target


def _mention(element: Mapping[str, Json]) -> tuple[str, str]:
    """Return the kind of mention and its target, or two empty strings."""
    kind = _text(element.get("type"))
    target = _text(element.get(_TARGET_FIELD[kind])) if kind in _TARGET_FIELD else ""
    return (kind, target) if target else ("", "")


def _called(kind: str, target: str, label: str, names: Names) -> str:
    match kind:
        case "user":
            return "@" + (names.users.get(target) or label or names.unknown)
        case "channel":
            return "#" + (names.channels.get(target) or label or names.unknown_channel)
        case "broadcast":
            return "@" + target
        case _:
            return "@" + (names.usergroups.get(target) or label or names.unknown).removeprefix("@")


def _link(url: str, label: str) -> str:
    scheme, _, rest = url.partition(":")
    if scheme.lower() in {"mailto", "tel"}:
        return unquote(rest.partition("?")[0])
    bare = rest.removeprefix("//").rstrip("/")
    if not label or label.rstrip("/") in {url.rstrip("/"), bare}:
        return url or label
    return f"{label} ({url})" if url else label


def _moment(timestamp: Json) -> str:
    """Return a moment as text when Slack gave no fallback for it."""
    try:
        moment = datetime.fromtimestamp(float(_text(timestamp) or str(timestamp)), UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _trimmed(text: str) -> str:
    """Take away blank lines around *text*; the first line's own indent stays."""
    return _BLANK_START.sub("", text).rstrip()


def _list(value: Json) -> list[Mapping[str, Json]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: Json) -> str:
    """Return *value* if it is text, the text inside a text object, else nothing."""
    if isinstance(value, dict):
        value = value.get("text")
    return value if isinstance(value, str) else ""


def _whole(value: Json) -> int:
    return value if isinstance(value, int) and value > 0 else 0
