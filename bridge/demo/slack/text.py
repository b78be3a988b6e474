"""Words: what Slack makes of what people type, whom a message would page, and what people read in the end.

https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bridge.demo.slack.model import Json

EMOJI: Mapping[str, str] = {
    "wave": "1f44b", "+1": "1f44d", "-1": "1f44e", "pray": "1f64f", "tada": "1f389", "smile": "1f604",
    "slightly_smiling_face": "1f642", "grin": "1f601", "joy": "1f602", "sob": "1f62d", "heart": "2764-fe0f",
    "blush": "1f60a", "wink": "1f609", "thinking_face": "1f914", "eyes": "1f440", "fire": "1f525", "rocket": "1f680",
    "white_check_mark": "2705", "x": "274c", "hourglass_flowing_sand": "23f3", "grey_question": "2754",
    "lock": "1f512", "warning": "26a0-fe0f", "red_circle": "1f534", "large_green_circle": "1f7e2", "key": "1f511",
    "clap": "1f44f", "muscle": "1f4aa", "raised_hands": "1f64c", "bow": "1f647", "heart_eyes": "1f60d",
    "sparkles": "2728", "gift": "1f381", "camera": "1f4f7", "package": "1f4e6", "flag-jp": "1f1ef-1f1f5",
}  # fmt: skip
"""Short names and code points of the emoji this stand-in knows; all others are custom ones to it."""

_TONES = {"2": "1f3fb", "3": "1f3fc", "4": "1f3fd", "5": "1f3fe", "6": "1f3ff"}
_TYPED = re.compile(
    r"<@(?P<user>[UW][A-Z0-9]+)(?:\|[^>]*)?>"
    r"|<#(?P<channel>[CG][A-Z0-9]+)(?:\|(?P<channel_name>[^>]*))?>"
    r"|<!subteam\^(?P<group>S[A-Z0-9]+)(?:\|[^>]*)?>"
    r"|<!(?P<range>here|channel|everyone)>"
    r"|(?P<url>https?://[^\s<>]*[^\s<>.,!?;:)、。」])"
    r"|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?<![\w@./])(?P<domain>(?:[\w-]+\.)+(?:com|net|org|jp|io)\b(?:/[^\s<>]*)?)"
    r"|:(?P<emoji>[a-z+_'-][a-z0-9_+'-]*|-1|\+1)(?:::skin-tone-(?P<tone>[2-6]))?:"
    r"|(?P<drawn>" + "|".join(
        re.escape("".join(chr(int(point, 16)) for point in points.split("-"))) for points in EMOJI.values()
    ) + ")"
)  # fmt: skip
_DRAWN = {"".join(chr(int(point, 16)) for point in points.split("-")): name for name, points in EMOJI.items()}
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


def shortcodes(text: str) -> str:
    """Store emoji as Slack does: by their short names."""
    for drawn, name in _DRAWN.items():
        text = text.replace(drawn, f":{name}:")
    return text


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
                points = element.get("unicode") or EMOJI.get(element["name"])
                drawn = "".join(chr(int(point, 16)) for point in points.split("-")) if points else ""
                return drawn or f":{element['name']}:"
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
    kind = match.lastgroup if match.lastgroup not in ("channel_name", "tone") else None
    kind = kind or ("channel" if match["channel"] else "emoji")
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
            return _emoji(_DRAWN.get(found, found), match["tone"], custom)


def _emoji(name: str, tone: str | None, custom: set[str]) -> tuple[Json | None, str]:
    if name not in EMOJI:
        return ({"type": "emoji", "name": name}, f":{name}:") if name in custom else (None, "")
    if tone is None:
        return {"type": "emoji", "name": name, "unicode": EMOJI[name]}, f":{name}:"
    points = f"{EMOJI[name]}-{_TONES[tone]}"
    element = {"type": "emoji", "name": name, "unicode": points, "skin_tone": int(tone)}
    return element, f":{name}::skin-tone-{tone}:"


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
