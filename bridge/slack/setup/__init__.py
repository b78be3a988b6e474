"""Setting up from Slack: commands, windows and buttons that change what the bridge does, and what they are answered."""
