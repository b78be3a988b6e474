"""How often Slack lets us call, as `bridge.model.pace.Pace` wants it: its facts, apart from our own pace of posting. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

TIER_2, TIER_3, TIER_4 = 20, 50, 100
"""Calls a minute of one method in one workspace (docs.slack.dev, Rate limits)."""

CALLS_PER_MINUTE: Mapping[str, int] = MappingProxyType(
    {
        "sign": TIER_3,  # reactions.add
        "unsign": TIER_2,  # reactions.remove
        "card": TIER_3,  # chat.update
        "remove": TIER_3,  # chat.delete
        "unfile": TIER_3,  # files.delete
        "private": TIER_4,  # chat.postEphemeral
        "people": TIER_4,  # users.info
        "threads": TIER_3,  # conversations.replies, conversations.history
        "home": TIER_4,  # views.publish
        "files": TIER_4,  # files.info, files.getUploadURLExternal
    }
)
"""By what the targets of `bridge.lanes` call each kind of call."""
