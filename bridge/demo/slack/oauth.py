"""Tokens: installing over OAuth, revoking, uninstalling, and the address of a Socket Mode connection.

https://docs.slack.dev/authentication/installing-with-oauth
"""

import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

from bridge.demo.slack.asked import Asked
from bridge.demo.slack.model import Code, Json, SlackError
from bridge.demo.slack.world import World

CODE_SECONDS = 600.0
TOKEN_SECONDS = 43_200


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
    install.ends = None
    world.feed.installed = True
    world.touch()


def open_connection(world: World, _asked: Asked) -> Json:
    """Tell where a Socket Mode connection is to be made; the ticket in it works once."""
    ticket = secrets.token_urlsafe(16)
    world.tickets.add(ticket)
    return {"url": f"{world.url.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={world.names.app_id}"}


def allow(world: World, asked: Mapping[str, str]) -> str:
    """Somebody allows what the page asks for; where their browser goes then."""
    code = secrets.token_urlsafe(16)
    world.codes[code] = Code(
        redirect=asked.get("redirect_uri", ""),
        scopes=frozenset(filter(None, asked.get("scope", "").split(","))),
        ends=world.clock() + CODE_SECONDS,
    )
    return f"{asked.get('redirect_uri', '')}?{urlencode({'code': code, 'state': asked.get('state', '')})}"


def deny(asked: Mapping[str, str]) -> str:
    """Somebody calls it off; where their browser goes then."""
    answer = {"error": "access_denied", "state": asked.get("state", "")}
    return f"{asked.get('redirect_uri', '')}?{urlencode(answer)}"


def access(world: World, asked: Asked) -> Json:
    """Exchange the code of a finished installation, or a refresh token, for a token; each counts once."""
    check_client(world, asked)
    match asked.text("grant_type"):
        case "refresh_token":
            return _refreshed(world, asked.text("refresh_token"))
        case "" | "authorization_code":
            pass
        case _:
            raise SlackError("invalid_grant_type")
    code = world.codes.pop(asked.text("code"), None)
    if code is None:
        raise SlackError("invalid_code")
    if code.ends < world.clock():
        raise SlackError("code_expired")
    if asked.text("redirect_uri") not in ("", code.redirect):
        raise SlackError("bad_redirect_uri")
    world.install.scopes = code.scopes or world.install.scopes
    org = world.feed.enterprise
    answer = {
        "bot_user_id": world.names.bot_user_id,
        "app_id": world.names.app_id,
        "team": None if org else {"name": world.names.workspace, "id": world.names.team_id},
        "enterprise": {"name": "Demo Org", "id": org} if org else None,
        "is_enterprise_install": org is not None,
        "authed_user": {"id": next((user.id for user in world.users.values() if not user.bot), "U0INSTALLER")},
    }
    return answer | _token(world)


def _refreshed(world: World, refresh: str) -> Json:
    if not refresh or refresh != world.install.refresh or world.install.revoked:
        raise SlackError("invalid_refresh_token")
    return _token(world)


def _token(world: World) -> Json:
    """Give the bot a token; where tokens are rotated it lives for twelve hours, and one that brings the next comes with it."""
    install = world.install
    restore_token(world, f"xoxe.xoxb-{secrets.token_hex(8)}" if install.rotates else f"xoxb-{secrets.token_hex(8)}")
    given: Json = {"access_token": install.bot_token, "token_type": "bot", "scope": ",".join(sorted(install.scopes))}
    if install.rotates:
        install.refresh = f"xoxe-1-{secrets.token_hex(8)}"
        install.ends = world.clock() + TOKEN_SECONDS
        given |= {"refresh_token": install.refresh, "expires_in": TOKEN_SECONDS}
    return given


def teams(world: World, _asked: Asked) -> Json:
    """List the workspaces that the token speaks for."""
    there = {world.names.team_id: world.names.workspace} | (world.siblings if world.feed.enterprise else {})
    found = [{"id": team, "name": name} for team, name in there.items()]
    return {"teams": found, "response_metadata": {"next_cursor": ""}}


def check_client(world: World, asked: Asked) -> None:
    """Refuse a client that is not the app's own."""
    if asked.text("client_id") != world.install.client_id:
        raise SlackError("invalid_client_id")
    if asked.text("client_secret") != world.install.client_secret:
        raise SlackError("bad_client_secret")
