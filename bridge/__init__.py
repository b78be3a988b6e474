"""Threadbridge: customer conversations on Instagram and Messenger, answered from Slack threads."""

__version__ = "0.1.0"
