"""What stands on a page while no account is connected: the steps, in order, and the one button. Pure."""

from bridge.rules.desk.home import may_connect
from bridge.slack.homes.pieces import CONNECT, Ways, button, heading, small, text
from bridge.slack.phrase import Json, Mention, joined

STEPS = ("home.step_ready", "home.step_connect", "home.step_channel", "home.step_try")


def blocks(ways: Ways) -> list[Json]:
    """Return what the bridge does, how it begins, and who can begin."""
    steps = [text(ways.said(key)) for key in STEPS]
    found = [heading(ways.wording.say("home.welcome")), text(ways.said("usage.what")), *steps]
    return [*found, *_begin(ways)]


def _begin(ways: Ways) -> list[Json]:
    sheet = ways.sheet
    if not may_connect(sheet.person, ()):
        people = joined([(Mention(person=each),) for each in sheet.admins], " ")
        return [text(ways.said("home.ask_these", people=people) if people else ways.said("home.ask_admin"))]
    url = ways.to_connect()
    if url is None:
        return [text(ways.said("usage.connect_nowhere"))]
    made = button(ways.wording.say("button.connect"), CONNECT, url=url, first=True)
    return [{"type": "actions", "elements": [made]}, small(ways.said("home.link_lasts"))]
