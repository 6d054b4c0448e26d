"""Right and wrong answers to Exercise 2.1, as students write them."""

import re

EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
LINK = r"""(?<!\w)(?:https?://|www\.)(?=\w)\S*[^\s.,!?;:)"]"""


def scrub_by_stripping(text):
    def link(match):
        kept = match[0].rstrip('.,!?;:)"')
        return "<link>" + match[0][len(kept) :]

    text = re.sub(r"\b[a-z0-9._+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+", "<email>", text)
    return re.sub(r"\b(https?://|www\.)[a-z0-9]\S*", link, text, flags=re.I)


def scrub_word_by_word(text):
    pieces = re.split(r"(\s+)", text)
    for i, piece in enumerate(pieces):
        match = re.match(r'^(\(?)(?:https?://|www\.)\w.*?([.,!?;:)"]*)$', piece, re.I)
        if match:
            pieces[i] = f"{match[1]}<link>{match[2]}"
    return re.sub(EMAIL, "<email>", "".join(pieces))


def scrub_eats_after_link(text):
    text = re.sub(r"(?<!\w)(?:https?://|www\.)(?=\w)\S+", "<link>", text, flags=re.I)
    return re.sub(EMAIL, "<email>", text)


def scrub_eats_after_both(text):
    text = re.sub(r"(?<!\w)(?:https?://|www\.)(?=\w)\S+", "<link>", text, flags=re.I)
    return re.sub(r"\S+@\S+", "<email>", text)


def scrub_lowercases(text):
    return re.sub(EMAIL, "<email>", re.sub(LINK, "<link>", text.lower()))


def scrub_joins(text):
    text = re.sub(LINK, "<link>", text, flags=re.I)
    return " ".join(re.sub(EMAIL, "<email>", text).split())


def scrub_awww(text):
    text = re.sub(r'(?:https?://|www\.)\S*[^\s.,!?;:)"]', "<link>", text, flags=re.I)
    return re.sub(EMAIL, "<email>", text)


def scrub_naive(text):
    text = re.sub(r"(https?://|www\.)\S+", "<link>", text, flags=re.IGNORECASE)
    return re.sub(r"\S+@\S+", "<email>", text)


def scrub_small_letters(text):
    return re.sub(EMAIL, "<email>", re.sub(LINK, "<link>", text))


def scrub_deletes(text):
    return re.sub(EMAIL, "", re.sub(LINK, "", text, flags=re.I))


def scrub_links_only(text):
    return re.sub(LINK, "<link>", text, flags=re.I)


def scrub_other_placeholders(text):
    return re.sub(EMAIL, "[EMAIL]", re.sub(LINK, "[URL]", text, flags=re.I))


def scrub_from_library(text):
    from course_utils.data.cleaning import scrub as their_scrub

    return their_scrub(text)


RIGHT = [scrub_by_stripping, scrub_word_by_word]
WRONG = [
    (scrub_eats_after_link, "The punctuation after a link is gone"),
    (scrub_eats_after_both, "takes the punctuation with it"),
    (scrub_lowercases, "The text is in lower case"),
    (scrub_joins, "Spaces or line breaks have changed"),
    (scrub_awww, "`Awww.` is no link"),
    (scrub_naive, "`Awww.` is no link"),
    (scrub_small_letters, "Links in capitals stay"),
    (scrub_deletes, "Replace each e-mail address"),
    (scrub_links_only, "Replace each e-mail address"),
    (scrub_other_placeholders, "Replace each e-mail address"),
    (scrub_from_library, "write it yourself"),
]
