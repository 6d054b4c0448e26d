"""The drawings of lesson 01."""

from course_utils.authoring.drawing import Picture


def five_sources_one_shape():
    picture = Picture(300)
    sources = ["data set on the Hub", "pip package, JSON", "book", "web page", "your own file"]
    for i, name in enumerate(sources):
        y = 16 + 54 * i
        picture.box(16, y, 216, 44, name, "sky", size=18)
        picture.arrow((234, y + 22), (314, 62 + 44 * i))
    picture.box(320, 16, 304, 30, "text", "blue", filled=True, square=True, size=18)
    rows = ["A: Hello?", "A: I like tea. B: ...", "One keeper ...", "Opening hours ...",
            "First idea. ..."]  # fmt: skip
    for i, row in enumerate(rows):
        picture.box(320, 46 + 40 * i, 304, 40, row, "blue", square=True, size=18)
    picture.text(472, 272, "one document a row", size=18, color="faint")
    return picture


def what_a_document_is():
    picture = Picture(262)
    picture.text(150, 22, "by line", bold=True)
    picture.text(490, 22, "by paragraph", bold=True)
    lines = ["The ferry left late that", "night. One keeper stayed", "awake. He wrote a log.",
             "", "In the morning the log", "was wet."]  # fmt: skip
    for i, line in enumerate(lines):
        if line:
            picture.box(16, 42 + 34 * i, 270, 30, line, "orange", square=True, size=18)
    picture.box(356, 42, 268, 98, "\n".join(lines[:3]), "green", square=True, size=18)
    picture.box(356, 178, 268, 64, "\n".join(lines[4:]), "green", square=True, size=18)
    return picture


def what_a_web_page_is_made_of():
    picture = Picture(270)
    picture.box(16, 14, 330, 242, color="grey", square=True)
    picture.box(28, 26, 306, 34, "menu", "orange", square=True, size=18, dashed=True)
    picture.box(28, 68, 92, 144, "advert", "orange", square=True, size=18, dashed=True)
    picture.box(128, 68, 206, 144, "the text\nthat people\ncame for", "green", square=True)
    picture.box(28, 220, 306, 28, "script, style", "orange", square=True, size=18, dashed=True)
    picture.arrow((348, 140), (410, 140), "green")
    picture.box(414, 88, 210, 104, "the text\nthat people\ncame for", "green", square=True)
    picture.text(519, 216, "a record", size=18, color="faint")
    return picture


def twenty_tokens_a_parameter():
    picture = Picture(168)
    picture.box(16, 24, 24, 24, color="blue", filled=True, square=True)
    picture.text(52, 37, "one parameter asks for 20 tokens", align="left")
    for i in range(20):
        picture.box(16 + 30.6 * i, 64, 25, 25, color="green", square=True)
    picture.text(16, 120, "tiny: 1.1 million parameters, 22 million tokens", size=18,
                 align="left")  # fmt: skip
    picture.text(16, 148, "GPT-2: 124 million parameters, 2.5 billion tokens", size=18,
                 align="left")  # fmt: skip
    return picture


def more_or_other_text():
    picture = Picture(236)
    picture.circle(130, 100, 84, color="sky")
    picture.circle(170, 100, 84, color="sky")
    picture.text(150, 100, "words of chats,\ntwice", size=18)
    picture.text(150, 212, "more of the same", bold=True, size=18)
    picture.circle(430, 100, 84, color="sky")
    picture.circle(530, 100, 84, color="amber")
    picture.text(390, 100, "chats", size=18)
    picture.text(572, 100, "manual", size=18)
    picture.text(480, 212, "half and half", bold=True, size=18)
    return picture
