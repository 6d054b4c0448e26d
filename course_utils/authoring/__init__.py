"""From one source to lessons, exercises and solutions; running them in order."""
