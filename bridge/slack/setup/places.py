"""Whether channels can be an account's: asked of Slack before they are kept."""

from collections.abc import Mapping

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bridge import tickets
from bridge.model.state import Account, Said
from bridge.slack.shapes import Json, is_id, thing
from bridge.unread import Unread

CHANNELS = ("channel", "alerts_channel", "ticket_sink")
"""The settings that name one."""
UNKNOWN = frozenset({"channel_not_found", "method_not_supported_for_channel_type"})


async def wrong(client: AsyncWebClient, account: Account, wanted: Mapping[str, str]) -> dict[str, Said]:
    """What is wrong with the channels that are wanted, by setting. https://docs.slack.dev/reference/objects/conversation-object"""
    insists = wanted.get("shared_channel", "on" if account.settings.shared_channel else "off") == "on"
    found: dict[str, Said] = {}
    for name in CHANNELS:
        place = _named(name, wanted.get(name, ""))
        if not is_id(place):
            continue
        try:
            channel = thing((await client.conversations_info(channel=place)).get("channel"))
        except SlackApiError as error:
            if error.response.get("error") in UNKNOWN:
                found[name] = Said(key="set_up.no_place")
            continue
        if (why := _unfit(channel, shared=insists or name != "channel")) is not None:
            found[name] = why
    return found


def _named(name: str, text: str) -> str:
    """Which channel a setting names; tickets may go elsewhere."""
    if name != "ticket_sink":
        return text
    try:
        return tickets.place_of(tickets.READERS[name](text)) or ""
    except Unread:
        return ""


def _unfit(channel: Json, *, shared: bool) -> Said | None:
    if channel.get("is_archived") is True:
        return Said(key="set_up.place_archived")
    if channel.get("is_member") is not True:
        return Said(key="set_up.place_not_in")
    outside = channel.get("is_ext_shared") is True or channel.get("is_pending_ext_shared") is True
    return Said(key="set_up.place_shared") if outside and not shared else None
