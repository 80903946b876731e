"""The calls that may take long: how far each is, and results that are asked for later."""
