"""The embedded engine: continuous batching over one frozen base under many adapters."""
