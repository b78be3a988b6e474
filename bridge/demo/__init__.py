"""The stand-ins of Slack and Meta, and the demo built from them."""
