"""The wire's values, their limits, and the names of resources."""
