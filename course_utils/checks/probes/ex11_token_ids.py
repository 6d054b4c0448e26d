"""Token ids that the rows of exercise 11 are made of."""

END, CUE = 0, 1
