"""What people of this field report as faults, tried on this server: `python -m bench.field`."""
