"""Steps of the past: the prompts that they were sent, and how two of them differ."""
