"""Words that the texts of exercise 1 are made of."""

WORDS = ("apple", "bread", "cheese", "dates", "eggs", "figs", "honey", "jam", "kale")
