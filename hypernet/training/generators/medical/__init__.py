"""Clinical phrases with their ICD-10 chapters, blocks and categories."""
