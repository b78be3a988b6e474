"""What a Page or an Instagram account shows before anybody writes: greeting, ice breakers, menu, first button.

https://developers.facebook.com/docs/messenger-platform/reference/messenger-profile-api
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from bridge.demo.meta.errors import GraphError
from bridge.demo.meta.world import Account

EDGE: Final = "messenger_profile"
KNOWN: Final[Mapping[str, frozenset[str]]] = {
    "messenger": frozenset({"greeting", "ice_breakers", "persistent_menu", "get_started"}),
    "instagram": frozenset({"ice_breakers", "persistent_menu"}),
}
UNSTARTED: Final = "You must set a Get Started button if you also wish to use persistent menu"
MOST_GREETING, MOST_QUESTIONS, MOST_ITEMS, MOST_TITLE, MOST_PAYLOAD = 160, 4, 20, 30, 1000


def profile(verb: str, reachable: Sequence[Account], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Read, set or take away; Instagram behind a Page is named by `platform`."""
    platform = arguments.get("platform", reachable[0].platform)
    account = next((each for each in reachable if each.platform == platform), None)
    if account is None:
        raise GraphError(100, 2534013)
    known = KNOWN[account.platform]
    match verb:
        case "GET":
            return _read(account, arguments, known)
        case "DELETE":
            return _taken(account, arguments.get("fields"), known)
        case _:
            return _set(account, arguments, known)


def _read(account: Account, arguments: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    wanted = [name for name in str(arguments.get("fields", "")).split(",") if name]
    _only(wanted, known)
    there = {name: account.profile[name] for name in wanted if name in account.profile}
    return {"data": [there] if there else []}


def _taken(account: Account, fields: object, known: frozenset[str]) -> dict[str, Any]:
    if not isinstance(fields, list) or not fields:
        raise GraphError(100, message="The parameter fields is required.")
    _only(fields, known)
    if "get_started" in fields and "persistent_menu" in account.profile and "persistent_menu" not in fields:
        raise GraphError(100, message=UNSTARTED)
    for name in fields:
        account.profile.pop(name, None)
    return {"result": "success"}


def _set(account: Account, arguments: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    given = {name: value for name, value in arguments.items() if name not in {"platform", "fields"}}
    if not given:
        raise GraphError(100, message="Requires one of the params: greeting, ice_breakers, persistent_menu")
    _only(given, known)
    for name, value in given.items():
        CHECKS[name](value)
    after = account.profile | given
    if account.platform == "messenger" and "persistent_menu" in after and "get_started" not in after:
        raise GraphError(100, message=UNSTARTED)
    account.profile = after
    return {"result": "success"}


def _only(names: Sequence[str] | Mapping[str, Any], known: frozenset[str]) -> None:
    for name in names:
        if name not in known:
            raise GraphError(100, message=f"Invalid keys “{name}” were found in param “messenger_profile”")


def _greeting(value: object) -> None:
    for each in _by_locale(value, "greeting"):
        if not 0 < len(_text(each.get("text"), "greeting")) <= MOST_GREETING:
            raise GraphError(100, message=f"Param greeting[0][text] must be at most {MOST_GREETING} characters")


def _ice_breakers(value: object) -> None:
    for each in _by_locale(value, "ice_breakers"):
        for item in _items(each, MOST_QUESTIONS, {"question", "payload"}):
            _text(item.get("question"), "question")
            _payload(item)


def _menu(value: object) -> None:
    for each in _by_locale(value, "persistent_menu"):
        for item in _items(each, MOST_ITEMS, {"type", "title", "payload", "url"}):
            if not 0 < len(_text(item.get("title"), "title")) <= MOST_TITLE:
                raise GraphError(100, message=f"Param title must be at most {MOST_TITLE} characters")
            match item.get("type"):
                case "postback":
                    _payload(item)
                case "web_url" if str(item.get("url", "")).startswith("https://"):
                    pass
                case _:
                    raise GraphError(100, message="A menu item is a postback with a payload, or a web_url with https")


def _started(value: object) -> None:
    if not isinstance(value, Mapping):
        raise GraphError(100, message="Param get_started must be an object")
    _payload(value)


def _by_locale(value: object, name: str) -> list[Mapping[str, Any]]:
    found = [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
    if not any(each.get("locale") == "default" for each in found):
        raise GraphError(100, message=f"Param {name} must hold one for the default locale")
    return found


def _items(each: Mapping[str, Any], most: int, known: set[str]) -> list[Mapping[str, Any]]:
    items = each.get("call_to_actions")
    if not isinstance(items, list) or not 0 < len(items) <= most:
        raise GraphError(100, message=f"Param call_to_actions must hold 1 to {most} of them")
    if any(not isinstance(item, Mapping) or not item.keys() <= known for item in items):
        raise GraphError(100, message="Invalid keys were found in param call_to_actions")
    return list(items)


def _payload(item: Mapping[str, Any]) -> None:
    if not 0 < len(_text(item.get("payload"), "payload")) <= MOST_PAYLOAD:
        raise GraphError(100, message=f"Param payload must be at most {MOST_PAYLOAD} characters")


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise GraphError(100, message=f"Param {name} must be a string")
    return value


CHECKS: Final[Mapping[str, Callable[[object], None]]] = {
    "greeting": _greeting,
    "ice_breakers": _ice_breakers,
    "persistent_menu": _menu,
    "get_started": _started,
}
