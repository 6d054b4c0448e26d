"""A Hugging Face Hub on this machine's loopback address, for tests.

`repos` writes repositories in the layouts of the real ones, `server` serves them, and
`faults` says in which ways it can go wrong.
"""
