"""Engines: what runs the frozen base model under a mix of adapters."""
