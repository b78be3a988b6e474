"""What people choose and type in the elements of a view, in the words of `view.state.values`."""

from collections.abc import Mapping

from bridge.demo.slack.model import Json, View

_ONE = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
_INITIAL = {
    "users_select": "initial_user",
    "conversations_select": "initial_conversation",
    "channels_select": "initial_channel",
    "datepicker": "initial_date",
    "timepicker": "initial_time",
    "datetimepicker": "initial_date_time",
    "multi_users_select": "initial_users",
    "multi_conversations_select": "initial_conversations",
    "multi_channels_select": "initial_channels",
}
_OPTION = ("static_select", "external_select", "radio_buttons", "overflow")
_OPTIONS = ("multi_static_select", "multi_external_select", "checkboxes")


def chosen(element: Json, value: object) -> Json:
    """Return the state of one element after somebody chose or typed the value.

    value: an option's value, an id or a text; a list of them where many may be chosen; None: nothing.
    Raises LookupError for an option that is not offered.
    """
    kind = element["type"]
    state: Json = {"type": kind}
    if kind in _OPTION:
        return state | {"selected_option": None if value is None else _option(element, value)}
    if kind in _OPTIONS:
        return state | {"selected_options": [_option(element, each) for each in _list(value)]}
    if kind in _ONE:
        return state | {_ONE[kind]: value}
    if kind == "file_input":
        files = _list(value)
        if len(files) > element.get("max_files", 10):
            raise LookupError(f"at most {element.get('max_files', 10)} files")
        return state | {"files": files}
    if kind.startswith("multi_"):
        return state | {f"selected_{kind.split('_')[1]}": _list(value)}
    return state | {"value": None if value in (None, "") else str(value)}


def fill(view: View, values: Mapping[str, object]) -> None:
    """Write values into a view's inputs, and what stands in the others; LookupError for an input that is not there.

    values: by block id or by action id; or, as Slack nests them, by block id and then action id.
    """
    left = dict(values)
    state: Json = {}
    for block in view.blocks:
        elements = [block[part] for part in ("element", "accessory") if part in block]
        for element in [*elements, *(block.get("elements", ()) if block["type"] == "actions" else ())]:
            if element["type"] in ("button", "image", "overflow"):
                continue
            names = [name for name in (block["block_id"], element["action_id"]) if name in left]
            before = view.state.get(block["block_id"], {}).get(element["action_id"])
            if names:
                given = left.pop(names[0])
                nested = isinstance(given, dict) and element["action_id"] in given
                now = chosen(element, given[element["action_id"]] if isinstance(given, dict) and nested else given)
            else:
                now = before or _initial(element)
            state.setdefault(block["block_id"], {})[element["action_id"]] = now
    if left:
        raise LookupError(f"no such input: {', '.join(left)}; there are {', '.join(state)}")
    view.state = state


class NotSubmittedError(ValueError):
    """Slack's own form complains, and does not submit."""

    def __init__(self, view: View) -> None:
        labels = {block["block_id"]: block["label"]["text"] for block in view.blocks if block["type"] == "input"}
        super().__init__(", ".join(f"{labels[name]}: {why}" for name, why in view.errors.items()))


def missing(view: View) -> dict[str, str]:
    """Tell, by block, what Slack's own form would complain of before it submits: empty inputs, texts too short or too long."""
    found = {}
    for block in view.blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        state = view.state[block["block_id"]][element["action_id"]]
        given = next((value for name, value in state.items() if name != "type"), None)
        if given in (None, "", []):
            if not block.get("optional"):
                found[block["block_id"]] = "This is empty."
        elif element["type"] == "plain_text_input":
            least, most = element.get("min_length", 0), element.get("max_length", 3000)
            if len(str(given)) > most:
                found[block["block_id"]] = f"At most {most} characters, please."
            elif len(str(given)) < least:
                found[block["block_id"]] = f"At least {least} characters, please."
    return found


def _initial(element: Json) -> Json:
    kind = element["type"]
    if kind in _OPTION:
        return {"type": kind, "selected_option": element.get("initial_option")}
    if kind in _OPTIONS:
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    return chosen(element, element.get(_INITIAL.get(kind, "initial_value")))


def _option(element: Json, value: object) -> Json:
    groups = element.get("option_groups") or [{"options": element.get("options", [])}]
    options: list[Json] = [option for group in groups for option in group["options"]]
    for option in options:
        if option["value"] == value:
            return option
    if element["type"].endswith("external_select"):
        return value if isinstance(value, dict) else {"text": {"type": "plain_text", "text": value}, "value": value}
    raise LookupError(f"no such option: {value}; there are {', '.join(option['value'] for option in options)}")


def _list(value: object) -> list[object]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]
