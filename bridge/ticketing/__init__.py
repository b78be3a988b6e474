"""The way by which ticket systems tell how tickets stand there."""
