"""What lives as long as the process: settings, the store, the model side, and its shutdown."""
