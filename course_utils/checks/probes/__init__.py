"""The probes: what a question asks, and how its answer is called.

They run beside the student's code, and import nothing of the judges.
"""
