"""The page in a real browser: made jobs, every view and action, figures."""
