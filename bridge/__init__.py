"""Threadbridge: conversations on Instagram and Messenger as threads on a desk, and the answers back."""
