"""Every window that sets something up. Whoever adds one adds it here. Pure."""

from bridge.slack.setup.confirming import PAUSE, REMOVE, RESTORE, RESUME
from bridge.slack.setup.disclosing import UNDISCLOSED
from bridge.slack.setup.editing import EDIT
from bridge.slack.setup.icons import ICON
from bridge.slack.setup.keying import KEY
from bridge.slack.setup.kinds import SetupWindow

WINDOWS: dict[str, SetupWindow] = {
    each.name: each for each in (EDIT, ICON, KEY, PAUSE, REMOVE, RESTORE, RESUME, UNDISCLOSED)
}
"""By the ids of the buttons that open them; each button's value is the id of an account."""
