"""What must be answered within three seconds: the slash command, windows and menus.

Bolt routes them (docs.slack.dev, Bolt for Python). Everything has an answer: an unanswered request is shown to people as
a failure, and an unhandled one would get a 404.
"""

import logging
import re
from collections.abc import Callable, Sequence

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.logger.messages import warning_token_skipped

from bridge.model.listed import Which
from bridge.model.state import Workspace
from bridge.slack.calls import SDK_LOG
from bridge.slack.lists import Lists
from bridge.slack.phrase import Json
from bridge.slack.setup.door import SetupDoor
from bridge.slack.setup.spoken import WORDS, nearest, pasted, read, typed, words
from bridge.slack.text import escape
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
    "usage.accounts",
    "usage.operator",
)
LISTS = frozenset(Which)
KNOWN = frozenset(WORDS) | LISTS
Workspaces = Callable[[], Sequence[Workspace]]
"""Gives the workspaces we are installed in, as they are now."""


def build(workspaces: Workspaces, lists: Lists, setup: SetupDoor) -> AsyncApp:
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
        """Answer privately; what changes something is answered when it is decided."""
        ours = next((each for each in workspaces() if each.id == body.get("team_id")), None)
        told = await answer(lists, setup, ours, body)
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

    SDK_LOG.addFilter(_is_news)
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


def _is_news(record: logging.LogRecord) -> bool:
    """Whether it tells anything: Bolt finds the token in the environment at each start, which `authorize` gives it."""
    return record.getMessage() != warning_token_skipped()


async def answer(lists: Lists, setup: SetupDoor, workspace: Workspace | None, body: dict[str, str]) -> Json:
    """Return what a command is answered at once: a list, what is set up, the usage; nothing yet, where something is to change."""
    if workspace is None:
        return {"text": usage("en", body.get("text", ""))}
    asked = read(workspace, body)
    if asked.word in LISTS:
        return await lists.answer(workspace, asked.person, Which(asked.word), asked.rest)
    done = await setup.command(asked)
    if done is not None:
        return done
    return {"text": usage(await lists.language(workspace, asked.person), body.get("text", ""))}


def usage(language: str, asked: str = "") -> str:
    """Return what the bridge does and how to use it, in *language*; or which word may have been meant by *asked*."""
    wording = Wording(language)
    word, rest = words(asked)
    meant = nearest(word) if word else None
    if meant is not None:
        whole = f"{meant} {_inert(rest)}".strip()
        return "\n".join([wording.say("usage.meant", word=whole), wording.say("usage.all")])
    first = [] if not word or word in KNOWN else [wording.say("usage.unknown")]
    return "\n".join([*first, *(wording.say(key) for key in USAGE)])


def _inert(text: str) -> str:
    """Return what somebody typed as it may stand between backticks."""
    return escape(typed(pasted(text))).replace("`", "ˋ")
