"""Evaluating a hypernetwork under comparable arms, and the certificate made of it."""
