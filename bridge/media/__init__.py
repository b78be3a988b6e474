"""Files that come with messages: fetched from the network with guards, looked at, and handed on as a stream."""
