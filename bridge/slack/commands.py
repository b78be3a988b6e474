"""What must be answered within three seconds: the slash command, windows and menus.

Bolt routes them (docs.slack.dev, Bolt for Python). Everything has an answer: an unanswered request is shown to people as
a failure, and an unhandled one would get a 404.
"""

import re
from collections.abc import Callable, Sequence

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bridge.model.ids import PersonRef, PlaceRef
from bridge.model.listed import Which
from bridge.model.state import Workspace
from bridge.ports import Links
from bridge.slack.calls import SDK_LOG
from bridge.slack.lists import Lists
from bridge.slack.phrase import Json
from bridge.slack.setup.door import SetupDoor, read
from bridge.wording import Wording

ANY = re.compile(r"[\s\S]*")
USAGE = (
    "usage.what",
    "usage.signs",
    "usage.note",
    "usage.windows",
    "usage.happened",
    "usage.lists",
    "usage.home",
    "usage.operator",
)
LISTS = frozenset(Which)
CONNECT = "connect"
NOT_YET = {
    "accounts": "threadbridge accounts list",
    "account": "threadbridge accounts show",
    "channel": "threadbridge accounts set",
    "agents": "threadbridge accounts set",
    "hours": "threadbridge accounts set",
    "check": "threadbridge check",
    "audit": "threadbridge audit",
    "about": "threadbridge --version",
}
"""Words that a later release answers, and the command that comes nearest today."""
TODAY = {"setup": "usage.setup"}
"""Those of them for which no one command is all there is to say."""

Workspaces = Callable[[], Sequence[Workspace]]
"""Gives the workspaces we are installed in, as they are now."""


def build(workspaces: Workspaces, lists: Lists, setup: SetupDoor, links: Links | None = None) -> AsyncApp:
    """Build the app that answers; requests reach it after `bridge.slack.intake` has checked them.

    links: who makes the one that ``/bridge connect`` answers with.
    """

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
        """Answer privately; what changes something is answered when it is decided."""
        ours = next((each for each in workspaces() if each.id == body.get("team_id")), None)
        told = await answer(lists, setup, links, ours, body)
        if not told:
            await ack()
        elif "blocks" in told:
            await ack(text=told["text"], blocks=told["blocks"], response_type="ephemeral")
        else:
            await ack(text=told["text"], response_type="ephemeral")

    async def nothing(ack: AsyncAck) -> None:
        """Acknowledge."""
        await ack()

    async def no_options(ack: AsyncAck) -> None:
        """Offer nothing."""
        await ack(options=[])

    app = AsyncApp(
        name="threadbridge",  # or it would look for one in every file that is imported
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


async def answer(
    lists: Lists, setup: SetupDoor, links: Links | None, workspace: Workspace | None, body: dict[str, str]
) -> Json:
    """Return what a command is answered at once: a list, a link, the usage; nothing yet, where something is to change."""
    if workspace is None:
        return {"text": usage("en", body.get("text", ""))}
    asked = read(workspace, body)
    done = await setup.command(asked)
    told = await _looked_up(lists, links, workspace, asked.person, body) if done is None else done
    if told is not None:
        return told
    return {"text": usage(await lists.language(workspace, asked.person), body.get("text", ""))}


async def _looked_up(
    lists: Lists, links: Links | None, workspace: Workspace, asker: PersonRef, body: dict[str, str]
) -> Json | None:
    """What has to be looked up for an answer: a list, or a link; None: the usage is the answer."""
    first, _, words = body.get("text", "").strip().partition(" ")
    if first.lower() in LISTS:
        return await lists.answer(workspace, asker, Which(first.lower()), words)
    if first.lower() == CONNECT:
        return await lists.way_in(workspace, asker, PlaceRef(body.get("channel_id", "")), links)
    return None


def usage(language: str, asked: str = "") -> str:
    """Return what the bridge does today and how to use it, in *language*; first that what was *asked* comes later."""
    wording, word = Wording(language), (asked.lower().split() or [""])[0]
    later = [wording.say("usage.not_yet", word=word, command=NOT_YET[word])] if word in NOT_YET else []
    later += [wording.say(TODAY[word])] if word in TODAY else []
    return "\n".join([*later, *(wording.say(key) for key in USAGE)])
