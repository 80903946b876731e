"""`python -m bench.fuzz`."""

from bench.fuzz.batches import main

main()
