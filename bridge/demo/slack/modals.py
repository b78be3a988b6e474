"""views.*: modals on a stack of three, and the Home tab. https://docs.slack.dev/surfaces/modals."""

import json
import secrets
import time

from bridge.demo.slack.asked import Asked
from bridge.demo.slack.blocks import check_view
from bridge.demo.slack.chat import check_pictures
from bridge.demo.slack.model import Json, SlackError, View
from bridge.demo.slack.world import Pass, World


def open_view(world: World, asked: Asked) -> Json:
    """Open a modal."""
    shape = _view(world, asked, "modal")
    return _answer(world, add_view(world, shape, _trigger(world, asked).user))


def push_view(world: World, asked: Asked) -> Json:
    """Open a modal on top of the one that the trigger came from."""
    shape = _view(world, asked, "modal")
    given = _trigger(world, asked)
    below = world.views.get(given.view or "")
    if below is None:
        raise SlackError("not_found")
    return _answer(world, add_view(world, shape, given.user, below=below))


def update_view(world: World, asked: Asked) -> Json:
    """Change a modal that is open."""
    wanted, named = asked.maybe("view_id"), asked.maybe("external_id")
    if (wanted is None) == (named is None):
        raise SlackError("invalid_arguments", messages=["[ERROR] give view_id or external_id [json-pointer:/view_id]"])
    views = world.views.values()
    view = world.views.get(wanted) if wanted else next((v for v in views if v.shape.get("external_id") == named), None)
    if view is None:
        raise SlackError("not_found")
    if asked.maybe("hash") not in (None, view.hash):
        raise SlackError("hash_conflict")
    change_view(world, view, _view(world, asked, "modal"))
    return _answer(world, view)


def publish_view(world: World, asked: Asked) -> Json:
    """Show a user their Home tab."""
    if not world.switches.home_tab:
        raise SlackError("not_enabled")
    user, shape = asked.text("user_id"), _view(world, asked, "home")
    if user not in world.users:
        raise SlackError("invalid_arguments", messages=["[ERROR] user not found [json-pointer:/user_id]"])
    home = world.homes.get(user)
    if home is not None and asked.maybe("hash") not in (None, home.hash):
        raise SlackError("hash_conflict")
    if home is None:
        view_id = f"V{world.number():08d}"
        home = world.homes[user] = View(id=view_id, user=user, hash="", shape=shape, root=view_id)
    change_view(world, home, shape)
    return _answer(world, home)


def add_view(world: World, shape: Json, user: str, *, below: View | None = None) -> View:
    """Put a modal before a user, on top of another or alone."""
    if below is None:
        close_views(world, user)
    elif sum(view.root == below.root for view in world.views.values()) >= 3:
        raise SlackError("push_limit_reached")
    name = shape.get("external_id")
    if name and any(view.shape.get("external_id") == name for view in world.views.values()):
        raise SlackError("duplicate_external_id")
    view_id = f"V{world.number():08d}"
    root, previous = (below.root, below.id) if below else (view_id, None)
    view = View(id=view_id, user=user, hash=_hash(), shape=shape, root=root, previous=previous)
    world.views[view_id] = view
    world.touch()
    return view


def change_view(world: World, view: View, shape: Json) -> None:
    """Give a view other contents; what was typed into inputs that stay is kept."""
    view.shape, view.hash, view.errors = shape, _hash(), {}
    world.touch()


def close_views(world: World, user: str) -> None:
    """Take all of a user's modals away."""
    world.views = {view_id: view for view_id, view in world.views.items() if view.user != user}
    world.touch()


def view_payload(world: World, view: View) -> Json:
    """Show a view as payloads and answers do."""
    names = world.names
    shape: Json = {"private_metadata": "", "callback_id": "", "external_id": "", "title": None}
    shape |= {"submit": None, "close": None}
    shape |= {"clear_on_close": False, "notify_on_close": False, "submit_disabled": False} | view.shape
    ids = {"id": view.id, "hash": view.hash, "root_view_id": view.root, "previous_view_id": view.previous}
    owner = {"team_id": names.team_id, "app_id": names.app_id, "app_installed_team_id": names.team_id}
    return shape | ids | owner | {"bot_id": names.bot_id, "state": {"values": view.state}}


def _view(world: World, asked: Asked, kind: str) -> Json:
    given = asked.json("view")
    if len(json.dumps(given)) > 250_000:
        raise SlackError("view_too_large")
    shape = check_view(given, kind)
    check_pictures(world, shape["blocks"])
    return shape


def _trigger(world: World, asked: Asked) -> Pass:
    name = asked.maybe("trigger_id") or asked.text("interactivity_pointer")
    if not name:
        raise SlackError("invalid_arguments", messages=["[ERROR] missing required field: trigger_id [json-pointer:/]"])
    given = world.triggers.get(name)
    if given is None:
        raise SlackError("invalid_trigger_id")
    if given.left < 1:
        raise SlackError("exchanged_trigger_id")
    if time.monotonic() - given.made > world.switches.trigger_seconds:
        raise SlackError("expired_trigger_id")
    given.left -= 1
    return given


def _answer(world: World, view: View) -> Json:
    return {"view": view_payload(world, view)}


def _hash() -> str:
    return f"{int(time.time())}.{secrets.token_hex(4)}"
