"""The drawings of lesson 13."""

from course_utils.authoring.drawing import Picture


def two_ways_to_compare():
    picture = Picture(220)
    picture.box(16, 80, 150, 60, "reference", "grey")
    picture.box(245, 80, 150, 60, "summary", "blue")
    picture.box(474, 80, 150, 60, "chat", "green")
    picture.arrow((243, 110), (170, 110), "ink", width=3)
    picture.arrow((397, 110), (470, 110), "ink", width=3)
    picture.text(170, 44, "ROUGE: the same words?", size=18)
    picture.text(480, 44, "a check: is it so?", size=18)
    picture.text(170, 182, "needs a reference", size=18, color="faint")
    picture.text(480, 182, "needs the chat alone", size=18, color="faint")
    return picture


def question_and_answer():
    picture = Picture(300)
    picture.text(16, 18, "summary", size=18, align="left", color="faint")
    picture.box(16, 34, 300, 48, "Ann brings three cakes", "orange")
    picture.arrow((166, 86), (166, 122))
    picture.box(16, 126, 300, 48, "Who brings three cakes?", "white")
    picture.text(350, 18, "chat", size=18, align="left", color="faint")
    picture.box(350, 34, 274, 140, color="green")
    picture.text(364, 70, "Ann: Can you bring", size=18, align="left")
    picture.text(364, 98, "3 cakes on thurs?", size=18, align="left")
    picture.text(364, 138, "Ben: Sure, at 18:00", size=18, align="left")
    picture.arrow((166, 178), (166, 222))
    picture.arrow((487, 178), (487, 222))
    picture.box(16, 226, 300, 48, "the summary says Ann", "orange")
    picture.box(350, 226, 274, 48, "the chat says Ben", "green")
    return picture
