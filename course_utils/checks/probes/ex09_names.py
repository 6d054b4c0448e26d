"""Names of people in the requests of exercise 9."""

NAMES = ("Ann", "Ben", "Eva", "Ida", "Kim", "Leo", "Mia", "Tom", "Zoe")
