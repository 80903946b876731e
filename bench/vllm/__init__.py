"""A real vLLM server beside our own engine: answers, faults, and what going through us costs."""
