"""Right and wrong answers to Exercise 2.1, as students write them."""

import re

import numpy as np
import pandas as pd

EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
LINK = r"""(?<!\w)(?:https?://|www\.)(?=\w)\S*[^\s.,!?;:)"]"""


def scrub_by_stripping(text):
    def link(match):
        kept = match[0].rstrip('.,!?;:)"')
        return "<link>" + match[0][len(kept) :]

    text = re.sub(
        r"\b[a-z0-9._+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+", "<email>", text, flags=re.I
    )
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


def scrub_in_one_pass(text):
    pattern = rf"(?i:(?P<link>{LINK}))|{EMAIL}"
    return re.sub(pattern, lambda m: "<link>" if m["link"] else "<email>", text)


def scrub_pandas(text):
    text = pd.Series([text]).str.replace(LINK, "<link>", regex=True, flags=re.I)
    return text.str.replace(EMAIL, "<email>", regex=True).iloc[0]


def scrub_numpy_str(text):
    link = re.compile(r"\b(?:https?://|www\.)\b\S+", re.IGNORECASE)
    out, end = [], 0
    for match in link.finditer(text):
        marks = len(match[0]) - len(match[0].rstrip('.,!?;:")'))
        out += [text[end : match.start()], "<link>"]
        end = match.end() - marks
    return np.str_(re.sub(EMAIL, "<email>", "".join([*out, text[end:]])))


def scrub_emails_first(text):
    local, part = r"[A-Za-z0-9._+\-]+", r"[A-Za-z0-9\-]+"
    text = re.sub(rf"{local}@{part}(?:\.{part})+", "<email>", text)
    link = r'(?<![A-Za-z0-9])(?:https?://|www\.)[A-Za-z0-9]\S*?(?=[.,!?;:)"]*(?:\s|$))'
    return re.sub(link, "<link>", text, flags=re.IGNORECASE)


def _with(text, email=EMAIL, link=LINK, flags=re.I):
    return re.sub(email, "<email>", re.sub(link, "<link>", text, flags=flags))


def scrub_short_names(text):
    return _with(text, email=r"\w+@[\w-]+(?:\.[\w-]+)+")


def scrub_no_plus(text):
    return _with(text, email=r"[\w.-]+@[\w-]+(?:\.[\w-]+)+")


def scrub_eats_full_stop(text):
    return _with(text, email=r"[\w.+-]+@[\w.-]+")


def scrub_two_parts(text):
    return _with(text, email=r"[\w.+-]+@\w+\.\w+")


def scrub_localhost(text):
    return _with(text, email=r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*")


def scrub_small_addresses(text):
    return _with(text, email=r"[a-z0-9._+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")


def scrub_no_www(text):
    return _with(text, link=r'(?<!\w)https?://(?=\w)\S*[^\s.,!?;:)"]')


def scrub_cuts_links(text):
    return _with(text, link=r"(?<!\w)(?:https?://|www\.)(?=\w)[\w./-]*[\w/-]")


def scrub_one_mark(text):
    start = r"(?<!\w)(?:https?://|www\.)(?=\w)"
    return _with(text, link=start + r'\S*?(?=[.,!?;:)"]?(?:\s|$))')


def scrub_both_naive(text):
    return _with(text, email=r"\w+@\w+\.\w+", link=r"https?://\S+")


def scrub_exchanged(text):
    return re.sub(EMAIL, "<link>", re.sub(LINK, "<email>", text, flags=re.I))


def scrub_strips(text):
    return _with(text).strip()


def scrub_printed(text):
    print(_with(text))


def scrub_forgets_the_result(text):
    re.sub(LINK, "<link>", text, flags=re.I)
    re.sub(EMAIL, "<email>", text)
    return text


def scrub_takes_colons(text):
    text = re.sub(
        '(?i)(?<!\\w)(?:https?://|www\\.)(?=\\w)\\S*[^\\s.,!?;)\\"]', "<link>", text
    )
    return re.sub("[\\w.+-]+@[\\w-]+(\\.[\\w-]+)+", "<email>", text)


def scrub_any_after_www(text):
    text = re.sub(
        '(?i)(?<!\\w)(?:https?://|www.)(?=\\w)\\S*[^\\s.,!?;:)"]', "<link>", text
    )
    return re.sub("[\\w.+-]+@[\\w-]+(\\.[\\w-]+)+", "<email>", text)


def scrub_letters_at_the_end(text):
    text = re.sub(LINK, "<link>", text, flags=re.IGNORECASE)
    address = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"
    return re.sub(address, "<email>", text)


def scrub_spaces_around(text):
    text = re.sub(LINK, " <link> ", text, flags=re.IGNORECASE)
    return re.sub(EMAIL, " <email> ", text)


RIGHT = [
    scrub_by_stripping,
    scrub_word_by_word,
    scrub_in_one_pass,
    scrub_pandas,
    scrub_numpy_str,
    scrub_emails_first,
]
WRONG = [
    (scrub_letters_at_the_end, "last part of an address"),
    (scrub_spaces_around, "the spaces around"),
    (scrub_eats_after_link, "The punctuation after a link is gone"),
    (scrub_eats_after_both, "The full stop after an address"),
    (scrub_lowercases, "The text is in lower case"),
    (scrub_joins, "Spaces or line breaks have changed"),
    (scrub_awww, "`Awww.` is no link"),
    (scrub_naive, "`Awww.` is no link"),
    (scrub_small_letters, "Links in capitals stay"),
    (scrub_deletes, "are deleted"),
    (scrub_links_only, "The addresses are still there"),
    (scrub_other_placeholders, "Neither <email>"),
    (scrub_from_library, "write it yourself"),
    (scrub_short_names, "a piece of it is left"),
    (scrub_no_plus, "may have a + in it"),
    (scrub_eats_full_stop, "The full stop after an address"),
    (scrub_two_parts, "two or more parts"),
    (scrub_localhost, "is no address"),
    (scrub_small_addresses, "Addresses may have capital letters"),
    (scrub_no_www, "may start with www."),
    (scrub_cuts_links, "goes on to the next"),
    (scrub_one_mark, "Several marks"),
    (scrub_both_naive, "an address is not found"),
    (scrub_exchanged, "placeholders are exchanged"),
    (scrub_strips, "Spaces at the ends"),
    (scrub_printed, "`print` shows"),
    (scrub_forgets_the_result, "The addresses are still there"),
    (scrub_takes_colons, "more than it is gone"),
    (scrub_any_after_www, "a link that is none"),
]
