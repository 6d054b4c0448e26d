"""What a model has learned: perplexity, text, ROUGE, pictures."""
