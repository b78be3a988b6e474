"""What is set up from the desk: who may, what becomes of it, and what they read. Pure."""
