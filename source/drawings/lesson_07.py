"""The drawings of lesson 07."""

from course_utils.authoring.drawing import Picture, tokens_of
from course_utils.data.summaries import CUE

END = "<|endoftext|>"


def _row(dialogue, summary):
    """Return the tokens of prompt and answer, as the course's encoder makes them."""
    prompt = [word for word, _ in tokens_of(dialogue + CUE)]
    answer = [word for word, _ in tokens_of(" " + summary)] + [END]
    return prompt, answer


def one_pair_one_row():
    picture = Picture(274)
    prompt, answer = _row("Al: Hi", "Al greets.")
    words = prompt + answer
    colors = ["grey"] * len(prompt) + ["green"] * (len(answer) - 1) + ["orange"]
    shown = ["end" if w == END else w for w in words]
    half = len(prompt)
    picture.text(12, 20, "the prompt: dialogue and cue", size=18, align="left")
    xs = picture.strip(12, 36, shown[:half], colors[:half], width=44, gap=2)
    for x in xs:
        picture.text(x, 90, "-100", size=18, color="faint")
    picture.text(12, 146, "the answer: summary and end", size=18, align="left")
    xs = picture.strip(12, 162, shown[half:], colors[half:], width=62, gap=2)
    for x, word in zip(xs, shown[half:], strict=True):
        picture.text(x, 216, word.strip(), size=18, color="green" if word != "end" else "orange")
    picture.text(12, 252, "Below each token its label. -100 is left out of the loss.", size=18,
                 align="left")  # fmt: skip
    return picture


def cut_the_start_not_the_end():
    picture = Picture(250)
    for y, name in ((16, "the row"), (88, "cut at its end"), (160, "cut at its start")):
        picture.text(12, y + 24, name, size=18, align="left")
    x = 170
    picture.box(x, 16, 280, 48, "dialogue", "sky", square=True)
    picture.box(x + 280, 16, 56, 48, "cue", "grey", square=True, size=18)
    picture.box(x + 336, 16, 90, 48, "summary", "green", square=True, size=18)
    picture.box(x + 426, 16, 30, 48, "E", "orange", square=True, filled=True, size=18)
    picture.box(x, 88, 280, 48, "dialogue", "sky", square=True)
    picture.box(x + 280, 88, 56, 48, "cue", "grey", square=True, size=18)
    picture.box(x + 336, 88, 120, 48, "lost", "orange", square=True, dashed=True, size=18)
    picture.box(x, 160, 120, 48, "left out", "orange", square=True, dashed=True, size=18)
    picture.box(x + 120, 160, 160, 48, "dialogue", "sky", square=True)
    picture.box(x + 280, 160, 56, 48, "cue", "grey", square=True, size=18)
    picture.box(x + 336, 160, 90, 48, "summary", "green", square=True, size=18)
    picture.box(x + 426, 160, 30, 48, "E", "orange", square=True, filled=True, size=18)
    picture.text(12, 230, "E is the end token: without it the model never stops.", size=18,
                 align="left")  # fmt: skip
    return picture


def a_batch_in_three_tensors():
    picture = Picture(318)
    rows = [(4, 3), (6, 2)]  # tokens of prompt and answer
    width = 9
    fillers = {"input_ids": "E", "attention_mask": "0", "labels": "-100"}
    for t, (name, filler) in enumerate(fillers.items()):
        y = 12 + 92 * t
        picture.text(10, y + 37, name, size=18, align="left")
        for i, (prompt, answer) in enumerate(rows):
            words, colors = [], []
            for k in range(width):
                if k >= prompt + answer:
                    words.append(filler)
                    colors.append("white")
                elif name == "attention_mask":
                    words.append("1")
                    colors.append("sky")
                elif k == prompt + answer - 1:
                    words.append("E")
                    colors.append("orange")
                elif k >= prompt:
                    words.append("s")
                    colors.append("green")
                else:
                    words.append("p" if name == "input_ids" else "-100")
                    colors.append("grey" if name == "labels" else "sky")
            picture.strip(162, y + 38 * i, words, colors, width=51, gap=0)
    picture.text(10, 300, "p: prompt, s: summary, E: end token. White is padding.", size=18,
                 align="left")  # fmt: skip
    return picture


def padding_right_and_left():
    picture = Picture(274)
    rows = [3, 6, 4]
    for x, name, left in ((16, "on the right", False), (336, "on the left", True)):
        picture.text(x, 18, name, bold=True, align="left", size=18)
        for i, used in enumerate(rows):
            words = ["p"] * used + ["E"] * (6 - used)
            colors = ["sky"] * used + ["white"] * (6 - used)
            if left:
                words, colors = words[used:] + words[:used], colors[used:] + colors[:used]
            y = 40 + 56 * i
            picture.strip(x, y, words, colors, width=36, gap=0)
            good = left or used == 6
            picture.arrow((x + 218, y + 18), (x + 240, y + 18), "green" if good else "orange")
            picture.box(x + 242, y, 44, 36, "new" if good else "?", "green" if good else "orange",
                        filled=True, square=True, size=18)  # fmt: skip
    picture.text(16, 222, "p: prompt, E: padding. The new token is predicted from the last", size=18,
                 align="left")  # fmt: skip
    picture.text(16, 250, "place: it has to be the prompt's own last token.", size=18, align="left")
    return picture


def who_makes_up_the_loss():
    """The counts are those of the course's own tokenizer."""
    picture = Picture(190)
    prompt, answer = _row(
        "Anna: Can you lend me your bike?\nTom: Sure! When?\nAnna: On Friday.",
        "Tom will lend Anna his bike on Friday.",
    )
    total = len(prompt) + len(answer)
    for y, name, counted in ((16, "without the mask", total), (92, "with the mask", len(answer))):
        picture.text(12, y + 22, name, size=18, align="left")
        left = 190
        wide = 434 * len(prompt) / total
        full = counted == total
        picture.box(left, y, wide, 44, f"{len(prompt)} of the prompt", "orange" if full else "grey",
                    square=True, dashed=not full, size=18)  # fmt: skip
        picture.box(left + wide, y, 434 - wide, 44, f"{len(answer)}", "green", square=True,
                    filled=True, size=18)  # fmt: skip
    picture.text(12, 168, "Tokens in the loss. Filled: summary and end.", size=18, align="left")
    return picture


def people_as_placeholders():
    """The pieces are those of the course's own tokenizer."""
    picture = Picture(300)

    def pieces(y, name, words, color):
        picture.text(12, y + 20, name, size=18, align="left")
        picture.strip(220, y, words, color, width=62, height=40, gap=2)

    for y, name in ((12, "Siobhan"), (62, "Zoltan")):
        words = [word for word, _ in tokens_of(f" {name}")]
        pieces(y, f"the chat: {name}", words, ["orange"] * len(words))
    picture.arrow((251, 108), (251, 142), "blue")
    picture.text(268, 126, "by order of appearance", size=18, align="left", color="faint")
    pieces(146, "the model reads", ["Tom", "Anna"], ["green", "green"])
    pieces(196, "the model writes", ["Anna", "has", "Tom"], ["green", "grey", "green"])
    picture.text(12, 266, "the summary: Zoltan has Siobhan", size=18, align="left")
    picture.arrow((400, 244), (330, 256), "blue")
    picture.text(410, 252, "names put back", size=18, align="left", color="faint")
    return picture


# What the two models write after this chat; a test asks them again.
LIVE_CHAT = """\
Lena: Do you want to play tennis on Sunday?
Omar: Sorry, I can't. I have to work.
Lena: Too bad! Another time."""
LIVE_BEFORE = "I'm not sure."
LIVE_AFTER = "Lena wants to play tennis on Sunday, but Omar has to work."


def the_live_summariser():
    picture = Picture(318)
    picture.box(124, 14, 500, 86, LIVE_CHAT, "grey", size=18)
    after = LIVE_AFTER.replace(", ", ",\n")
    rows = [("before", LIVE_BEFORE, "orange"), ("after", after, "green")]
    for i, (name, words, color) in enumerate(rows):
        y = 116 + 70 * i
        picture.box(16, y, 96, 58, name, color, filled=True, size=18)
        picture.box(124, y, 500, 58, words, color, size=18)
    picture.text(64, 57, "a chat", size=18)
    picture.text(
        16, 284, "In the book (course book) this picture is live: write a chat,\n"
        "and both models summarise it.", size=18, align="left",
    )  # fmt: skip
    return picture
