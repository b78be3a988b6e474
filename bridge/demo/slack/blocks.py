"""What Block Kit allows: every block, element and view, with its limits.

https://docs.slack.dev/reference/block-kit; what is not listed there is refused here.
"""

import secrets
from collections.abc import Iterator, Sequence

from bridge.demo.slack.checks import (
    Check,
    also,
    anything,
    array,
    at_least_one,
    boolean,
    exactly_one,
    one_of,
    problem,
    shape,
    string,
    typed,
    whole,
)
from bridge.demo.slack.model import Json, SlackError
from bridge.demo.slack.text import walk

MOST_TEXT = 12_000
"""Characters in all blocks of a message together; Slack publishes no figure for `msg_blocks_too_long`."""

_ID = string(255)
_HTTP = string(3000, pattern=r"https?://[^\s/]+")
_LINK = string(3000, pattern=r"(https?://[^\s/]|mailto:|tel:)")
_DATE = string(10, pattern=r"\d{4}-\d{2}-\d{2}$")
_TIME = string(5, pattern=r"\d{2}:\d{2}$")


def _plain(most: int, least: int = 1) -> Check:
    return typed({"plain_text": shape({"text": string(most, least=least)}, {"emoji": boolean})})


def _text(most: int) -> Check:
    marked = shape({"text": string(most)}, {"verbatim": boolean})
    return typed({"plain_text": shape({"text": string(most)}, {"emoji": boolean}), "mrkdwn": marked})


_CONFIRM = shape(
    {"title": _plain(100), "text": _text(300), "confirm": _plain(30), "deny": _plain(30)},
    {"style": one_of("primary", "danger")},
)
_OPTION = shape({"text": _text(75), "value": string(150)}, {"description": _text(75), "url": _HTTP})
_OPTIONS = array(_OPTION, most=100)
_GROUPS = array(shape({"label": _plain(75), "options": _OPTIONS}), most=100)
_FILTER = shape(
    {},
    {
        "include": array(one_of("im", "mpim", "private", "public"), most=4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
_SLACK_FILE = also(shape({}, {"id": string(255), "url": _HTTP}), exactly_one("id", "url"))
_PICTURE = also(
    shape({"alt_text": string(2000, least=0)}, {"image_url": _HTTP, "slack_file": _SLACK_FILE}),
    exactly_one("image_url", "slack_file"),
)
_ACT = {"action_id": _ID, "confirm": _CONFIRM, "focus_on_load": boolean}
_SELECT = _ACT | {"placeholder": _plain(150)}
_MANY = _SELECT | {"max_selected_items": whole(1, 100)}
_BUTTON = shape(
    {"text": _plain(75)},
    {
        "action_id": _ID,
        "value": string(2000, least=0),
        "url": _HTTP,
        "style": one_of("primary", "danger"),
        "confirm": _CONFIRM,
        "accessibility_label": string(75),
    },
)


def _select(more: dict[str, Check], *, many: bool = False, required: dict[str, Check] | None = None) -> Check:
    return shape(required or {}, (_MANY if many else _SELECT) | more)


def _listed(*, many: bool) -> Check:
    initial = {"initial_options": _OPTIONS} if many else {"initial_option": _OPTION}
    offered: dict[str, Check] = {"options": _OPTIONS, "option_groups": _GROUPS}
    menu = also(_select(offered | initial, many=many), exactly_one("options", "option_groups"))
    return also(menu, _offered)


def _offered(value: object, at: str) -> Iterator[str]:
    """Check that what is chosen at the start is one of the options."""
    menu: Json = value if isinstance(value, dict) else {}
    groups = menu.get("option_groups") or [{"options": menu.get("options", [])}]
    options = [option for group in groups for option in group["options"]]
    if "initial_option" in menu and menu["initial_option"] not in options:
        yield problem("initial_option must be one of the options", f"{at}/initial_option")
    if any(option not in options for option in menu.get("initial_options", ())):
        yield problem("initial_options must be among the options", f"{at}/initial_options")


_IDS = array(_ID, most=100)
_SELECTS: dict[str, Check] = {
    "static_select": _listed(many=False),
    "multi_static_select": _listed(many=True),
    "external_select": _select({"initial_option": _OPTION, "min_query_length": whole(0, 150)}),
    "multi_external_select": _select({"initial_options": _OPTIONS, "min_query_length": whole(0, 150)}, many=True),
    "users_select": _select({"initial_user": _ID}),
    "multi_users_select": _select({"initial_users": _IDS}, many=True),
    "conversations_select": _select(
        {
            "initial_conversation": _ID,
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": _FILTER,
        }
    ),
    "multi_conversations_select": _select(
        {"initial_conversations": _IDS, "default_to_current_conversation": boolean, "filter": _FILTER}, many=True
    ),
    "channels_select": _select({"initial_channel": _ID, "response_url_enabled": boolean}),
    "multi_channels_select": _select({"initial_channels": _IDS}, many=True),
    "datepicker": _select({"initial_date": _DATE}),
    "timepicker": _select({"initial_time": _TIME, "timezone": string(100)}),
    "datetimepicker": shape({}, _ACT | {"initial_date_time": whole(0, 9_999_999_999)}),
    "radio_buttons": also(shape({"options": array(_OPTION, most=10)}, _ACT | {"initial_option": _OPTION}), _offered),
    "checkboxes": also(
        shape({"options": array(_OPTION, most=10)}, _ACT | {"initial_options": array(_OPTION, most=10)}), _offered
    ),
}
_OVERFLOW = shape({"options": array(_OPTION, most=5)}, {"action_id": _ID, "confirm": _CONFIRM})
_ACTIONS: dict[str, Check] = _SELECTS | {"button": _BUTTON, "overflow": _OVERFLOW}
_DISPATCH = shape({}, {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), most=2)})
_FIELD = _ACT | {"placeholder": _plain(150), "dispatch_action_config": _DISPATCH}
_WRITTEN = {"initial_value": string(3000, least=0), "min_length": whole(0, 3000), "max_length": whole(1, 3000)}
_INPUTS: dict[str, Check] = _SELECTS | {
    "plain_text_input": shape({}, _FIELD | _WRITTEN | {"multiline": boolean}),
    "email_text_input": shape({}, _FIELD | {"initial_value": string(3000)}),
    "url_text_input": shape({}, _FIELD | {"initial_value": string(3000)}),
    "number_input": shape(
        {"is_decimal_allowed": boolean},
        _FIELD | {"initial_value": string(40), "min_value": string(40), "max_value": string(40)},
    ),
    "file_input": shape({}, {"action_id": _ID, "filetypes": array(string(20), most=50), "max_files": whole(1, 10)}),
    "rich_text_input": shape({}, _FIELD | {"initial_value": anything}),
}

_STYLE = shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight"), boolean))
_RICH: dict[str, Check] = {
    "text": shape({"text": string(40_000)}, {"style": _STYLE}),
    "link": shape({"url": _LINK}, {"text": string(3000), "unsafe": boolean, "style": _STYLE}),
    "user": shape({"user_id": string(20, pattern="[UW][A-Z0-9]+$")}, {"style": _STYLE}),
    "usergroup": shape({"usergroup_id": string(20, pattern="S[A-Z0-9]+$")}, {"style": _STYLE}),
    "channel": shape({"channel_id": string(20, pattern="[CDG][A-Z0-9]+$")}, {"style": _STYLE}),
    "team": shape({"team_id": string(20, pattern="T[A-Z0-9]+$")}, {"style": _STYLE}),
    "broadcast": shape({"range": one_of("here", "channel", "everyone")}, {"style": _STYLE}),
    "emoji": shape(
        {"name": string(100, pattern=r"[a-z0-9_+'-]+$")},
        {"unicode": string(100), "skin_tone": whole(1, 6), "style": _STYLE},
    ),
    "date": shape(
        {"timestamp": whole(0, 9_999_999_999), "format": string(200)},
        {"url": _HTTP, "fallback": string(200), "style": _STYLE},
    ),
    "color": shape({"value": string(20)}),
}
_RUN = array(typed(_RICH), most=10_000, least=0)
_SECTION = shape({"elements": _RUN})
_CONTAINERS: dict[str, Check] = {
    "rich_text_section": _SECTION,
    "rich_text_quote": shape({"elements": _RUN}, {"border": whole(0, 1)}),
    "rich_text_preformatted": shape({"elements": _RUN}, {"border": whole(0, 1), "language": string(50)}),
    "rich_text_list": shape(
        {
            "style": one_of("bullet", "ordered"),
            "elements": array(typed({"rich_text_section": _SECTION}), most=1000),
        },
        {"indent": whole(0, 8), "offset": whole(0, 10_000), "border": whole(0, 1)},
    ),
}

_BLOCK = {"block_id": _ID}
_ACCESSORY = typed(_ACTIONS | {"image": _PICTURE})
_IN_CONTEXT = typed(
    {
        "image": _PICTURE,
        "mrkdwn": shape({"text": string(3000)}, {"verbatim": boolean}),
        "plain_text": shape({"text": string(3000)}, {"emoji": boolean}),
    }
)
_FEEDBACK = shape({"text": _plain(75), "value": string(2000)}, {"accessibility_label": string(75)})
_IN_CONTEXT_ACTIONS = typed(
    {
        "feedback_buttons": shape({"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, {"action_id": _ID}),
        "icon_button": shape(
            {"icon": one_of("trash"), "text": _plain(75)},
            {"action_id": _ID, "value": string(2000), "confirm": _CONFIRM, "accessibility_label": string(75)},
        ),
    }
)
_EVERYWHERE: dict[str, Check] = {
    "section": also(
        shape(
            {},
            _BLOCK
            | {
                "text": _text(3000),
                "fields": array(_text(2000), most=10),
                "accessory": _ACCESSORY,
                "expand": boolean,
            },
        ),
        at_least_one("text", "fields"),
    ),
    "divider": shape({}, _BLOCK),
    "header": shape({"text": _plain(150)}, _BLOCK),
    "image": also(
        shape(
            {"alt_text": string(2000)},
            _BLOCK | {"image_url": _HTTP, "slack_file": _SLACK_FILE, "title": _plain(2000)},
        ),
        exactly_one("image_url", "slack_file"),
    ),
    "context": shape({"elements": array(_IN_CONTEXT, most=10)}, _BLOCK),
    "actions": shape({"elements": array(typed(_ACTIONS), most=25)}, _BLOCK),
    "rich_text": shape({"elements": array(typed(_CONTAINERS), most=1000)}, _BLOCK),
}
_LEVELS = one_of("default", "info", "warning", "error", "success")
_MESSAGE = _EVERYWHERE | {
    "markdown": shape({"text": string(12_000)}, _BLOCK),
    "alert": shape({"text": _text(3000)}, _BLOCK | {"level": _LEVELS}),
    "context_actions": shape({"elements": array(_IN_CONTEXT_ACTIONS, most=5)}, _BLOCK),
}
_VIEW = _EVERYWHERE | {
    "input": shape(
        {"label": _plain(2000), "element": typed(_INPUTS)},
        _BLOCK | {"hint": _plain(2000), "optional": boolean, "dispatch_action": boolean},
    )
}
_MESSAGE_BLOCKS = array(typed(_MESSAGE), most=50, least=0)
_VIEW_BLOCKS = array(typed(_VIEW), most=100, least=0)
_VIEW_MORE: dict[str, Check] = {
    "private_metadata": string(3000, least=0),
    "callback_id": string(255, least=0),
    "external_id": string(255, least=0),
}
_VIEWS = typed(
    {
        "modal": shape(
            {"title": _plain(24), "blocks": _VIEW_BLOCKS},
            _VIEW_MORE
            | dict.fromkeys(("clear_on_close", "notify_on_close", "submit_disabled"), boolean)
            | {"submit": _plain(24), "close": _plain(24)},
        ),
        "home": shape({"blocks": _VIEW_BLOCKS}, _VIEW_MORE),
    }
)


def check_message_blocks(blocks: object) -> list[Json]:
    """Return the blocks of a message, ids filled in; raises `invalid_blocks` with everything that is wrong."""
    found = list(_MESSAGE_BLOCKS(blocks, "/blocks")) or list(_twice(blocks, "/blocks"))
    if found:
        raise SlackError("invalid_blocks", messages=found, errors=found)
    assert isinstance(blocks, list)
    if sum(len(item["text"]) for item in walk(blocks) if isinstance(item.get("text"), str)) > MOST_TEXT:
        raise SlackError("msg_blocks_too_long")
    return filled(blocks)


def check_view(view: object, kind: str) -> Json:
    """Return a view, ids filled in; raises `invalid_arguments` with everything that is wrong."""
    found = list(_VIEWS(view, "/view"))
    if not found and isinstance(view, dict):
        found = list(_twice(view["blocks"], "/view/blocks"))
        if view["type"] != kind:
            found.append(problem(f"must be of type {kind}", "/view/type"))
        if any(block["type"] == "input" for block in view["blocks"]) and kind == "modal" and "submit" not in view:
            found.append(problem("a modal with an input block must have a submit", "/view/submit"))
    if found or not isinstance(view, dict):
        raise SlackError("invalid_arguments", messages=found)
    return view | {"blocks": filled(view["blocks"])}


def filled(blocks: Sequence[Json]) -> list[Json]:
    """Give every block and element the id that Slack gives it where the app gave none."""
    done: list[Json] = []
    for block in blocks:
        copy = {"block_id": secrets.token_urlsafe(4)[:5], **block}
        if block["type"] in ("actions", "context_actions"):
            copy["elements"] = [{"action_id": secrets.token_urlsafe(4)[:5], **each} for each in block["elements"]]
        for part in ("accessory", "element"):
            if part in block and block[part]["type"] != "image":
                copy[part] = {"action_id": secrets.token_urlsafe(4)[:5], **block[part]}
        done.append(copy)
    return done


def _twice(blocks: object, at: str) -> Iterator[str]:
    """Find block ids that occur twice in a message, and action ids that do in a block."""
    if not isinstance(blocks, list):
        return
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        if block.get("block_id") in seen:
            yield problem(f"block_id must be unique: {block['block_id']}", f"{at}/{index}/block_id")
        seen.add(block.get("block_id") or f"/{index}")
        acts = [each["action_id"] for each in block.get("elements", ()) if each.get("action_id")]
        if len(acts) != len(set(acts)):
            yield problem("action_id must be unique in its block", f"{at}/{index}/elements")
