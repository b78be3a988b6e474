"""A stand-in of Slack: one workspace over real HTTP, as strict as Slack is."""

from bridge.demo.slack.deliveries import SLACKS_RETRIES, Deliveries, Delivery
from bridge.demo.slack.model import Call, Channel, Ephemeral, File, Message, Upload, User, Usergroup, View
from bridge.demo.slack.standin import SlackStandIn

__all__ = [
    "SLACKS_RETRIES",
    "Call",
    "Channel",
    "Deliveries",
    "Delivery",
    "Ephemeral",
    "File",
    "Message",
    "SlackStandIn",
    "Upload",
    "User",
    "Usergroup",
    "View",
]
