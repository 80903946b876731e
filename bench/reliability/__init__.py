"""How sure answers to tasks without examples may be, fitted on tasks of one's own choice."""
