"""What may stand beside ids: numbers and words of the house's own."""

from __future__ import annotations

Value = str | int | float | None
"""What an effect or an incident may carry besides ids: never a sentence, never a customer's word."""
