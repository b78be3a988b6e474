"""Accounts as a whole: how they stand with the network, what is asked of it unasked, and who hears of what was found."""
