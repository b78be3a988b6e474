"""The words of the product as types: ids, state, facts, effects, outcomes. No I/O, no clock, no vendor's words."""
