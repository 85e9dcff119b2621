"""A mirror of the publishers on this machine: their addresses, headers and bad days, over real TLS."""
