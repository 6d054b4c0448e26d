"""Names of people in the requests of exercise 9."""

# And other names that begin alike.
LONGER = {
    **{"Ann": "Anna", "Ben": "Benno", "Eva": "Evan", "Ida": "Idabel", "Kim": "Kimi"},
    **{"Leo": "Leon", "Mia": "Miana", "Tom": "Tommy", "Zoe": "Zoey"},
}
NAMES = ("Ann", "Ben", "Eva", "Ida", "Kim", "Leo", "Mia", "Tom", "Zoe")
