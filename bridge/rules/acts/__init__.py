"""What agents do besides answering: with a conversation, a message, a customer; by button, window or word."""
