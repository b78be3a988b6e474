"""Slack: the desk where agents work."""
