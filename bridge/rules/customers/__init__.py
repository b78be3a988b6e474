"""What customers do: their words, files, changes, reactions and comments, and what nobody told of."""
