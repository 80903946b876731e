"""How well a network does while it is trained, and how a run ends."""
