"""What goes out beside the code and is made from it: README tables, clients' files, manifests.

Not installed; run from a clone. Knows the packages, and is known by none of them.
"""
