"""Side-by-side measurements against peers; never run by the tests."""
