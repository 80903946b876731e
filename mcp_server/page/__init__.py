"""The page for people: what is stored and what runs, seen and steered in a browser."""
