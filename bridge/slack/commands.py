"""What must be answered within three seconds: the slash command, windows and menus. Slack is never called from here.

Bolt routes them (docs.slack.dev, Bolt for Python). Everything has an answer: an unanswered request is shown to people as
a failure, and an unhandled one would get a 404.
"""

import re
from collections.abc import Callable, Sequence

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bridge.model.state import Workspace
from bridge.slack.calls import SDK_LOG
from bridge.wording import Wording

ANY = re.compile(r"[\s\S]*")
USAGE = ("usage.what", "usage.signs", "usage.note", "usage.happened", "usage.operator")

Workspaces = Callable[[], Sequence[Workspace]]
"""Gives the workspaces we are installed in, as they are now."""


def build(workspaces: Workspaces) -> AsyncApp:
    """Build the app that answers; requests reach it after `bridge.slack.intake` has checked them."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        """Say who we are there without asking Slack, whose bad moment would otherwise be ours."""
        ours = next((each for each in workspaces() if each.id == team_id), None)
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_id=ours.bot_author if ours else None,
            bot_user_id=ours.bot_person if ours else None,
        )

    async def command(ack: AsyncAck, body: dict[str, str]) -> None:
        """Answer with the usage, privately."""
        ours = next((each for each in workspaces() if each.id == body.get("team_id")), None)
        await ack(text=usage(ours.language if ours else "en"), response_type="ephemeral")

    async def nothing(ack: AsyncAck) -> None:
        """Acknowledge."""
        await ack()

    async def no_options(ack: AsyncAck) -> None:
        """Offer nothing."""
        await ack(options=[])

    app = AsyncApp(
        logger=SDK_LOG,
        authorize=authorize,
        signing_secret="checked-before",  # noqa: S106 - a word in the place of one; see `request_verification_enabled`
        request_verification_enabled=False,
        ssl_check_enabled=False,
        url_verification_enabled=False,
        ignoring_self_events_enabled=False,
    )
    app.command(ANY)(command)
    app.options(ANY)(no_options)
    for heard in (app.action, app.shortcut, app.view_submission, app.view_closed):
        heard(ANY)(nothing)
    return app


def usage(language: str) -> str:
    """Return what the bridge does today and how to use it, in *language*."""
    wording = Wording(language)
    return "\n".join(wording.say(key) for key in USAGE)
