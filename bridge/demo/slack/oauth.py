"""Tokens: installing over OAuth, revoking, uninstalling, and the address of a Socket Mode connection.

https://docs.slack.dev/authentication/installing-with-oauth
"""

import secrets

from bridge.demo.slack.asked import Asked
from bridge.demo.slack.model import Json, SlackError
from bridge.demo.slack.world import World


def revoke(world: World, asked: Asked) -> Json:
    """Make the bot's token worthless."""
    if not asked.flag("test"):
        revoke_token(world)
    return {"revoked": not asked.flag("test")}


def uninstall(world: World, asked: Asked) -> Json:
    """Take the app out of the workspace."""
    check_client(world, asked)
    remove_app(world)
    return {}


def remove_app(world: World) -> None:
    """Take the app out of the workspace; its two last events may come in any order."""
    world.feed.announce({"type": "app_uninstalled", "event_ts": f"{world.clock():.6f}"})
    revoke_token(world)


def revoke_token(world: World) -> None:
    """Make the bot's token worthless, and tell the app; it hears nothing more until there is a token again."""
    tokens = {"oauth": [], "bot": [world.names.bot_user_id]}
    world.feed.announce({"type": "tokens_revoked", "tokens": tokens, "event_ts": f"{world.clock():.6f}"})
    world.install.revoked = True
    world.feed.installed = False
    world.touch()


def restore_token(world: World, token: str | None = None) -> None:
    """Let the bot's token count again, or give the app another; the former one stays revoked."""
    install = world.install
    if token is not None and token != install.bot_token:
        install.former.add(install.bot_token)
        install.bot_token = token
    install.revoked = False
    world.feed.installed = True
    world.touch()


def open_connection(world: World, _asked: Asked) -> Json:
    """Tell where a Socket Mode connection is to be made; the ticket in it works once."""
    ticket = secrets.token_urlsafe(16)
    world.tickets.add(ticket)
    return {"url": f"{world.url.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={world.names.app_id}"}


def access(world: World, asked: Asked) -> Json:
    """Exchange the code of a finished installation for a token."""
    check_client(world, asked)
    if asked.text("grant_type") not in ("", "authorization_code"):
        raise SlackError("invalid_grant_type")
    redirect = world.codes.pop(asked.text("code"), None)
    if redirect is None:
        raise SlackError("invalid_code")
    if asked.text("redirect_uri") not in ("", redirect):
        raise SlackError("bad_redirect_uri")
    restore_token(world, f"xoxb-{secrets.token_hex(8)}")
    names = world.names
    return {
        "access_token": world.install.bot_token,
        "token_type": "bot",
        "scope": ",".join(sorted(world.install.scopes)),
        "bot_user_id": names.bot_user_id,
        "app_id": names.app_id,
        "team": {"name": "Demo", "id": names.team_id},
        "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": next((user.id for user in world.users.values() if not user.bot), "U0INSTALLER")},
    }


def check_client(world: World, asked: Asked) -> None:
    """Refuse a client that is not the app's own."""
    if asked.text("client_id") != world.install.client_id:
        raise SlackError("invalid_client_id")
    if asked.text("client_secret") != world.install.client_secret:
        raise SlackError("bad_client_secret")
