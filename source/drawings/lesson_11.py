"""The drawings of lesson 11."""

from math import cos, pi

from course_utils.authoring.drawing import Picture


def from_runs_to_a_claim():
    picture = Picture(250)
    for k in range(3):
        picture.box(16, 20 + 62 * k, 130, 46, f"seed {k}", "sky")
        picture.arrow((148, 43 + 62 * k), (206, 105))
    picture.box(210, 66, 190, 78, "choose the rate\non validation", "orange")
    picture.arrow((402, 105), (440, 105))
    picture.box(444, 66, 180, 78, "report on test:\nmean, interval", "green")
    picture.text(16, 228, "Each side gets the best of its own settings.", size=18, align="left")
    return picture


def schedules_compared():
    picture = Picture(240)
    names = ("linear", "cosine", "level, then down")
    shapes = (
        lambda t: 1 - t,
        lambda t: (1 + cos(pi * t)) / 2,
        lambda t: 1 if t < 0.8 else 5 * (1 - t),
    )
    for k, (name, shape) in enumerate(zip(names, shapes, strict=True)):
        left = 24 + 208 * k
        points = [(left, 180)] + [
            (left + 12 + 164 * i / 40, 180 - 140 * shape(i / 40)) for i in range(41)
        ]
        picture.line([(left, 30), (left, 180), (left + 180, 180)], "faint")
        picture.line(points, ("blue", "orange", "green")[k], width=4)
        picture.text(left + 90, 210, name, size=18)
    return picture
