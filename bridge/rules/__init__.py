"""The rules behind `bridge.threads`, a folder for each side and a file for each kind of event. Pure: no I/O, no clock, no vendor's words."""
