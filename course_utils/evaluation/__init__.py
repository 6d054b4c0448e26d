"""What a model has learned: perplexity, counting, text, ROUGE, pictures."""
