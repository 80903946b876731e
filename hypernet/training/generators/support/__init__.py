"""Intents of requests to assistants, banks and help desks."""
