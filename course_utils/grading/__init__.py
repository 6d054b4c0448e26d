"""The instructor's kit: grade a class in a sandbox, and release exercises to it.

docs/instructors.md says how to use it. The imports are left to the modules: the part
that runs inside the sandbox (worker, isolate, static) needs none of the rest.
"""
