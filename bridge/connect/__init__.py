"""Connecting an account by a link: pages that lead somebody to Meta's dialog and back."""
