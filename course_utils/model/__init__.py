"""GPT-2 by name, and what it costs in memory and time."""
