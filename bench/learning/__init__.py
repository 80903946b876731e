"""Tasks that learn, measured on tasks of one's own choice: the gate, its confidence, its time."""
