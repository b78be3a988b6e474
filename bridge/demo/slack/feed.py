"""Which events the app hears, and the envelopes they come in. https://docs.slack.dev/apis/events-api."""

import base64
import json
from collections.abc import Callable

from bridge.demo.slack.deliveries import Deliveries
from bridge.demo.slack.model import Channel, Json

SUBSCRIPTIONS = frozenset(
    [
        "app_home_opened",
        "app_uninstalled",
        "tokens_revoked",
        "user_change",
        "message.channels",
        "message.groups",
        "reaction_added",
        "reaction_removed",
        "member_joined_channel",
        "member_left_channel",
        "channel_left",
        "group_left",
        "channel_archive",
        "channel_unarchive",
        "channel_deleted",
        "channel_rename",
        "channel_id_changed",
        "channel_shared",
        "channel_unshared",
        "group_archive",
        "group_unarchive",
        "group_deleted",
        "group_rename",
        "subteam_created",
        "subteam_updated",
        "subteam_members_changed",
    ]
)
"""What the app has subscribed to, unless a test says otherwise."""

_NAMES = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}


class Feed:
    """The app's subscription to one workspace.

    installed: false after its token was revoked: Slack sends nothing without an authorisation.
    enterprise: the organisation that the app is installed for, with all of its workspaces; None: for this one alone.
    """

    def __init__(
        self, *, clock: Callable[[], float], deliveries: Deliveries, team_id: str, app_id: str, bot_user_id: str
    ) -> None:
        self.subscriptions = set(SUBSCRIPTIONS)
        self.installed = True
        self._clock = clock
        self._deliveries = deliveries
        self._team = team_id
        self._app = app_id
        self._bot = bot_user_id
        self.enterprise: str | None = None
        self._number = 0

    def announce(self, event: Json, channel: Channel | None = None, *, always: bool = False) -> None:
        """Send an event if the app hears of it.

        channel: where it happened; the app must be a member, unless `always`: joining, leaving, archiving.
        """
        kind = event["type"]
        name = _NAMES[channel.kind] if kind == "message" and channel is not None else kind
        heard = name in self.subscriptions and self.installed
        if heard and (always or channel is None or channel.bot_member):
            self._deliveries.send(self.envelope(event, channel))

    def envelope(self, event: Json, channel: Channel | None = None) -> Json:
        """Wrap an event; every call is another event with an id of its own."""
        self._number += 1
        context = json.dumps({"et": event["type"], "tid": self._team, "aid": self._app, "n": self._number})
        return {
            "token": "deprecated",
            "team_id": self._team,
            "enterprise_id": self.enterprise,
            "context_team_id": self._team,
            "context_enterprise_id": self.enterprise,
            "api_app_id": self._app,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{self._number:07d}{self._team[-6:]}",
            "event_time": int(self._clock()),
            "authorizations": [
                {
                    "enterprise_id": self.enterprise,
                    "team_id": self._team,
                    "user_id": self._bot,
                    "is_bot": True,
                    "is_enterprise_install": self.enterprise is not None,
                }
            ],
            "is_ext_shared_channel": channel is not None and channel.shared,
            "event_context": "4-" + base64.urlsafe_b64encode(context.encode()).decode().rstrip("="),
        }
