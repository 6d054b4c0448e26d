"""The drawings of lesson 12."""

from course_utils.authoring.drawing import WIDTH, Picture


def two_ways_and_one():
    """Rank 8, as in the lesson."""
    picture = Picture(240)
    picture.text(150, 22, "while training", size=18, bold=True)
    picture.box(60, 44, 190, 62, "W, frozen", "grey", size=18, dashed=True)
    picture.box(60, 130, 70, 62, "A", "green", filled=True, square=True)
    picture.box(180, 130, 70, 62, "B", "green", filled=True, square=True)
    picture.arrow((132, 161), (178, 161))
    picture.text(156, 216, "8 numbers between A and B", size=18)
    picture.line([(252, 75), (292, 75), (292, 100)], head=True)
    picture.line([(252, 161), (292, 161), (292, 136)], head=True)
    picture.circle(292, 118, 16, "+", "green", filled=True)
    picture.arrow((318, 118), (396, 118), "blue", width=3)
    picture.text(356, 92, "merge", size=18)
    picture.text(510, 22, "in use", size=18, bold=True)
    picture.box(404, 80, 216, 76, "W + scale · A B", "blue", size=18)
    picture.text(510, 216, "one matrix, the old speed", size=18)
    return picture


def two_ways_to_store_a_weight():
    """Sizes of tiny: 128 to 384 numbers."""
    picture = Picture(270)
    picture.text(160, 24, "Conv1D of GPT-2", size=18, bold=True)
    picture.box(56, 60, 208, 76, "128 x 384\n(in, out)", "blue", size=18, square=True)
    picture.text(160, 162, "y = x W", size=18, mono=True)
    picture.text(480, 24, "nn.Linear", size=18, bold=True)
    picture.box(442, 46, 76, 170, "384\nx\n128", "orange", size=18, square=True, dashed=True)
    picture.text(480, 236, "y = x Wᵀ", size=18, mono=True)
    picture.arrow((282, 98), (424, 98))
    picture.text(353, 74, "the transpose", size=18)
    picture.text(210, 214, "A square weight fits both ways:\nno error tells you which it is.", size=18)
    return picture


def right_people_against_swapped():
    picture = Picture(230)
    picture.box(16, 16, WIDTH - 32, 46, "Tom: my phone is broken. Anna: take mine!", "grey", size=18)
    picture.arrow((180, 66), (180, 96), "green")
    picture.arrow((460, 66), (460, 96), "orange")
    picture.box(16, 100, 296, 50, "Anna gives Tom her phone.", "green", size=18)
    picture.box(328, 100, 296, 50, "Tom gives Anna her phone.", "orange", size=18, dashed=True)
    picture.text(164, 174, "chosen: more likely", size=18, color="green")
    picture.text(476, 174, "rejected: less likely", size=18, color="orange")
    picture.text(WIDTH / 2, 208, "than both were to the model before, by the same prompt", size=18)
    return picture
