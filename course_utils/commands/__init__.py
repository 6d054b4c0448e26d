"""The `course` command line: a file a command."""
