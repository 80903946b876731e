"""The frozen base: finding and loading it, its chat markup, and its forward pass."""
