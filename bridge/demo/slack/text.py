"""Words: what Slack makes of what people type, whom a message would page, and what people read in the end.

https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bridge.demo.slack.emoji import DRAWN, EMOJI, TONES, name_of, points, tone_number
from bridge.demo.slack.model import Json

_TYPED = re.compile(
    r"<@(?P<user>[UW][A-Z0-9]+)(?:\|[^>]*)?>"
    r"|<#(?P<channel>[CG][A-Z0-9]+)(?:\|(?P<channel_name>[^>]*))?>"
    r"|<!subteam\^(?P<group>S[A-Z0-9]+)(?:\|[^>]*)?>"
    r"|<!(?P<range>here|channel|everyone)>"
    r"|(?P<url>https?://[^\s<>]*[^\s<>.,!?;:)、。」])"
    r"|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?<![\w@./])(?P<domain>(?:[\w-]+\.)+(?:com|net|org|jp|io)\b(?:/[^\s<>]*)?)"
    r"|:(?P<emoji>[a-z0-9_+'-]+)(?:::skin-tone-(?P<tone>[2-6]))?:"
    rf"|(?P<drawn>{DRAWN})(?P<modifier>[{''.join(TONES.values())}]?)"
)
_KINDS = ("user", "channel", "group", "range", "url", "mail", "domain", "emoji", "drawn")
_CONTROL = re.compile(r"<([^<>]*)>")
_LOOSE = re.compile(r"(?<![\w@])@(here|channel|everyone)\b")
_URL = re.compile(r"https?://[^\s<>|]+")


def escape(text: str) -> str:
    """Escape the three characters that Slack escapes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Undo `escape`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def typed(text: str, *, custom: Iterable[str] = ()) -> tuple[str, list[Json]]:
    """Turn what a person typed into the event's `text` and its rich_text elements, as the composer does."""
    known = set(custom)
    stored: list[str] = []
    elements: list[Json] = []
    position = 0
    for match in _TYPED.finditer(text):
        element, shown = _element(match, known)
        if element is None:
            continue
        _words(text[position : match.start()], stored, elements)
        stored.append(shown)
        elements.append(element)
        position = match.end()
    _words(text[position:], stored, elements)
    return "".join(stored), elements


def rich_text(elements: Sequence[Json], block_id: str) -> list[Json]:
    """Wrap elements as the one block of a person's message."""
    section = {"type": "rich_text_section", "elements": list(elements)}
    return [{"type": "rich_text", "block_id": block_id, "elements": [section]}]


def linked(text: str) -> str:
    """Put bare addresses into angle brackets, as Slack stores them."""
    pieces = re.split(r"(<[^<>]*>)", text)
    return "".join(
        piece if index % 2 else _URL.sub(lambda found: f"<{found.group(0)}>", piece)
        for index, piece in enumerate(pieces)
    )


def has_link(text: str, blocks: Sequence[Json]) -> bool:
    """Whether there is an address that Slack would fetch for a preview."""
    if _URL.search(text) and not blocks:
        return True
    for item in walk(blocks):
        if item.get("type") == "link":
            return True
        if item.get("type") == "mrkdwn" and _URL.search(str(item.get("text", ""))):
            return True
    return False


def pages(text: str, blocks: Sequence[Json], *, link_names: bool = False) -> frozenset[str]:
    """Tell who would be paged: ids of users and groups, ``here``, ``channel``, ``everyone``."""
    found = set(_paged_by_mrkdwn(text, loose=link_names))
    for item in walk(blocks):
        match item.get("type"):
            case "mrkdwn":
                found.update(_paged_by_mrkdwn(str(item.get("text", "")), loose=not item.get("verbatim")))
            case "user" if "user_id" in item:
                found.add(str(item["user_id"]))
            case "usergroup":
                found.add(str(item["usergroup_id"]))
            case "broadcast":
                found.add(str(item["range"]))
            case _:
                pass
    return frozenset(found)


def walk(value: object) -> Iterator[Json]:
    """Yield every object in a JSON value, outer ones first."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from walk(item)


class Reader:
    """Reads blocks as a person does, who sees names instead of ids."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def blocks(self, blocks: Sequence[Json]) -> str:
        """Flatten blocks to lines."""
        return "\n".join(line for line in map(self._block, blocks) if line)

    def mrkdwn(self, text: str) -> str:
        """Resolve the control sequences of a text and unescape it."""
        return unescape(_CONTROL.sub(lambda found: escape(self._control(unescape(found.group(1)))), text))

    def _block(self, block: Json) -> str:
        match block["type"]:
            case "rich_text":
                return "\n".join(map(self._container, block["elements"]))
            case "context" | "actions" | "context_actions":
                return " ".join(filter(None, map(self._inline, block["elements"])))
            case "section":
                parts = [block.get("text"), *block.get("fields", ()), block.get("accessory")]
                return "\n".join(filter(None, (self._inline(part) for part in parts if part)))
            case "image":
                return f"[{block['alt_text']}]"
            case "input":
                return self._inline(block["label"])
            case "header" | "alert":
                return self._inline(block["text"])
            case "markdown":
                return str(block["text"])
            case _:
                return ""

    def _inline(self, element: Json) -> str:
        match element.get("type"):
            case "mrkdwn":
                return self.mrkdwn(element["text"])
            case "plain_text":
                return str(element["text"])
            case "image":
                return f"[{element['alt_text']}]"
            case "button":
                return f"[{element['text']['text']}]"
            case "overflow":
                return "[⋯ " + " · ".join(option["text"]["text"] for option in element["options"]) + "]"
            case _:
                label = (element.get("placeholder") or {}).get("text", element.get("type", ""))
                return f"[{label}]"

    def _container(self, container: Json) -> str:
        elements = container.get("elements", [])
        if container["type"] == "rich_text_list":
            return "\n".join(f"• {self._container(item)}" for item in elements)
        inside = "".join(map(self._rich, elements))
        return "> " + inside.replace("\n", "\n> ") if container["type"] == "rich_text_quote" else inside

    def _rich(self, element: Json) -> str:
        match element["type"]:
            case "text":
                return str(element["text"])
            case "link":
                return str(element.get("text") or element["url"])
            case "user":
                return "@" + self._names.get(element["user_id"], element["user_id"])
            case "usergroup":
                return "@" + self._names.get(element["usergroup_id"], element["usergroup_id"])
            case "channel":
                return "#" + self._names.get(element["channel_id"], element["channel_id"])
            case "broadcast":
                return f"@{element['range']}"
            case "emoji":
                hexes = element.get("unicode")
                drawn = "".join(chr(int(point, 16)) for point in hexes.split("-")) if hexes else None
                return drawn or EMOJI.get(element["name"]) or f":{element['name']}:"
            case "date":
                return str(element.get("fallback", element["timestamp"]))
            case _:
                return ""

    def _control(self, inside: str) -> str:
        head, _, label = inside.partition("|")
        if head.startswith(("@", "#")):
            return head[0] + (label or self._names.get(head[1:], head[1:]))
        if head.startswith("!subteam^"):
            return "@" + (label or self._names.get(head[9:], head[9:]))
        if head.startswith("!date^"):
            return label
        return f"@{head[1:]}" if head.startswith("!") else label or head


def _element(match: re.Match[str], custom: set[str]) -> tuple[Json | None, str]:
    """Return the element of one match, and how it stands in `text`; (None, "") when it is plain words after all."""
    kind = next(kind for kind in _KINDS if match[kind])
    found = match[kind]
    match kind:
        case "user":
            return {"type": "user", "user_id": found}, f"<@{found}>"
        case "channel":
            return {"type": "channel", "channel_id": found}, f"<#{found}|{match['channel_name'] or ''}>"
        case "group":
            return {"type": "usergroup", "usergroup_id": found}, f"<!subteam^{found}>"
        case "range":
            return {"type": "broadcast", "range": found}, f"<!{found}>"
        case "url":
            return {"type": "link", "url": found}, f"<{escape(found)}>"
        case "mail":
            return {"type": "link", "url": f"mailto:{found}", "text": found}, f"<mailto:{found}|{found}>"
        case "domain":
            url = f"http://{found}"
            return {"type": "link", "url": url, "text": found}, f"<{escape(url)}|{escape(found)}>"
        case _:
            drawn = kind == "drawn"
            tone = tone_number(match["modifier"]) if match["modifier"] else match["tone"]
            return _emoji(name_of(found) if drawn else found, tone, custom)


def _emoji(name: str, tone: str | None, custom: set[str]) -> tuple[Json | None, str]:
    if name not in EMOJI:
        return ({"type": "emoji", "name": name}, f":{name}:") if name in custom else (None, "")
    element: Json = {"type": "emoji", "name": name, "unicode": points(name, tone)}
    if tone is None:
        return element, f":{name}:"
    return element | {"skin_tone": int(tone)}, f":{name}::skin-tone-{tone}:"


def _words(text: str, stored: list[str], elements: list[Json]) -> None:
    if text:
        stored.append(escape(text))
        elements.append({"type": "text", "text": text})


def _paged_by_mrkdwn(text: str, *, loose: bool) -> Iterator[str]:
    for inside in _CONTROL.findall(text):
        head = inside.partition("|")[0]
        if head.startswith("@"):
            yield head[1:]
        elif head.startswith("!subteam^"):
            yield head[9:]
        elif head in ("!here", "!channel", "!everyone", "!group"):
            yield head[1:]
    if loose:
        yield from _LOOSE.findall(text)
