"""Named tasks as rows: their versions, examples and corrections, and what a deletion leaves."""
