"""What stands on the desk, where, and whether it can: posts, places, the account as a whole."""
