"""The parts of somebody's page in the app's Home tab: words and blocks alone. Pure."""
