"""The door that OpenAI's clients speak: `/v1`, where the model names a task; docs/openai.md."""
