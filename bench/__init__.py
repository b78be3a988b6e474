"""How fast the bridge is, as a share of what a bare program does on the same machine in the same minute: `make bench`."""
