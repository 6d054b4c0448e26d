"""`course train`: GPT-2 on your own text, compared before and after."""
