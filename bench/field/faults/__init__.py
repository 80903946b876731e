"""The faults, one kind each, and the doors through which they are tried."""
