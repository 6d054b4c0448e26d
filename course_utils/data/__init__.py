"""From texts and chats to clean, split and tokenised data sets."""
