"""Meta: webhooks in, messages out, for Messenger and Instagram."""
