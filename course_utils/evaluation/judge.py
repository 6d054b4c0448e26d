"""A language model as a judge of summaries: its rubric, its answers, stored ones.

`docs/cards/judgements.md` says who gave the stored judgements, and how.
"""

import json
from typing import Any

from course_utils.machine.errors import CourseError
from course_utils.machine.files import read_text
from course_utils.machine.places import ASSETS

QUESTIONS = ("people", "facts", "complete")
PROMPT = """\
You read a chat and a summary of it. Judge only by what the two texts say.

people: 2 if everybody who is named is in the chat and does what is said of them,
1 if one person's part is wrong or unclear, 0 if people are exchanged or somebody is
not in the chat at all.
facts: 2 if everything else happened in the chat as it is said, 1 if one detail is
wrong or guessed, 0 if the main point is false.
complete: 2 if the main point and the outcome are there, 1 if one of them is, 0 if
neither is.

Chat:
{dialogue}

Summary:
{summary}

Answer with one JSON object and nothing else, such as
{{"people": 2, "facts": 1, "complete": 0}}"""


def stored_judgements() -> dict[str, list[dict[str, Any]]]:
    """Load the judgements of an AI model that the course ships.

    Returns:
        summaries: rows with chat (an id of `development_chats`), source (who wrote it,
            or the damage), summary, first and second (a rating each, as from
            `read_rating`). pairs: rows with chat, kind, one and two (the summaries),
            first and second (which was shown first, and which was called better).

    Raises:
        CourseError: the file is missing from the installation.

    Example:
        >>> len(stored_judgements()["summaries"])
        50
    """
    return json.loads(read_text(ASSETS / "laboratory" / "judgements.json"))


def read_rating(answer: str) -> dict[str, int]:
    """Return the rating in a judge's answer, which holds nothing else.

    Args:
        answer: what the judge wrote.

    Returns:
        A grade from 0 to 2 for each of `QUESTIONS`.

    Raises:
        CourseError: the answer is anything but one JSON object with these grades.

    Example:
        >>> read_rating('{"people": 2, "facts": 1, "complete": 0}')
        {'people': 2, 'facts': 1, 'complete': 0}
    """
    try:
        rating = json.loads(answer)
    except (ValueError, RecursionError):
        rating = None
    if not (
        isinstance(rating, dict)
        and sorted(rating) == sorted(QUESTIONS)
        and all(type(grade) is int and 0 <= grade <= 2 for grade in rating.values())
    ):
        raise CourseError(
            f"the judge answered {answer[:60]!r}, not one JSON object with 0, 1 or 2 "
            f"for {', '.join(QUESTIONS)}: ask again, or another model."
        )
    return {name: rating[name] for name in QUESTIONS}


def ask(
    prompt: str, url: str, model: str, key: str | None = None, seconds: float = 60
) -> str:
    """Return a model's answer to one prompt, from an OpenAI-compatible service.

    Args:
        prompt: the user's message.
        url: where the service listens, up to and with "/v1".
        model: its name there.
        key: sent as a bearer token; it is never shown.
        seconds: how long to wait for the answer.

    Raises:
        CourseError: no answer comes, or none in the form of a chat completion.

    Source: https://platform.openai.com/docs/api-reference/chat
    """
    import requests

    messages = [{"role": "user", "content": prompt}]
    try:
        reply = requests.post(
            f"{url.rstrip('/')}/chat/completions",
            json={"model": model, "messages": messages, "temperature": 0},
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=seconds,
            allow_redirects=False,  # the key is for this service alone
        )
        if reply.status_code != 200:
            raise ValueError(f"status {reply.status_code}, {reply.text[:100]}")
        answer = reply.json()["choices"][0]["message"]["content"]
        if not isinstance(answer, str):
            raise TypeError("no text in it")
    except (requests.RequestException, ValueError, LookupError, TypeError) as error:
        said = " ".join(str(error).split())[:200]
        said = said.replace(key, "(the key)") if key else said
        raise CourseError(
            f"the judge {model!r} at {url} gave no answer ({said}): check the URL, the "
            "model's name and the key."
        ) from None
    return answer
