"""Every window that there is. Whoever adds one adds it here. Pure."""

from bridge.slack.windows.answering import REPLY_WITH
from bridge.slack.windows.conversation import CONVERSATION
from bridge.slack.windows.details import DETAILS
from bridge.slack.windows.editing import CORRECT, EDIT
from bridge.slack.windows.kinds import Window
from bridge.slack.windows.replying import REPLY
from bridge.slack.windows.saving import SAVE

WINDOWS: dict[str, Window] = {
    each.name: each for each in (CONVERSATION, CORRECT, DETAILS, EDIT, REPLY, REPLY_WITH, SAVE)
}
"""By what opens them: the id of a message shortcut, or of a button."""
