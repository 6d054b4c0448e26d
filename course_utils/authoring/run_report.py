"""report.json: every figure that a run of the course measured, each in one place."""

import math
from typing import Any

from course_utils.machine.errors import CourseError

MEASURES = ("rouge1", "rouge2", "rougeL", "names", "invented", "slots", "n")
SYSTEMS = ("lead", "two people", "before", "scratch", "pretrained", "longer")


def empty_report(profile: str) -> dict[str, Any]:
    """Return report.json's schema, version 2, with null for what was not run.

    Losses are in nats, ROUGE is from 0 to 100, seconds are wall clock.
    `language_model.counting` becomes {name: {perplexity, bits_per_byte}}, of models
    that only count: unigram, bigram, trigram and 5-gram. They have counted the training
    text, and are measured on the held-out blocks of `scratch`.
    `summarization` becomes {split: {system: {rouge1, rouge2, rougeL, names, invented,
    slots, n}}}: names is the share of summaries with the right people, invented that of
    those with somebody who is not in the dialogue, both in percent. The systems are two
    that need no model (lead, two people), the model before fine-tuning, fine-tuned from
    scratch and from pretrained weights, and longer, the summariser that ships, where
    lesson 08 tries it. `samples` becomes a list of {dialogue, reference, before,
    after}. A run that failed adds `error`, one line.
    """
    perplexities = {"perplexity_before": None, "perplexity_after": None}
    return {
        "schema_version": 2,
        "profile": profile,
        "sources": {},
        "hardware": {},
        "versions": {},
        "seconds": {},
        "language_model": {
            "initial_loss": None,
            "log_vocab": None,
            "counting": None,
            "scratch": perplexities | {"bits_per_byte_after": None},
            "pretrained": perplexities,
        },
        "summarization": None,
        "headline_split": None,
        "samples": None,
    }


def fill(report: dict[str, Any], name: str, value: Any) -> None:
    """Put a recorded value at its dotted name; numbers that are not finite are null.

    Raises:
        CourseError: the name is not a place in the schema.
    """
    *groups, last = name.split(".")
    place = report
    if name.split(".")[0] not in report:
        raise CourseError(f"record({name!r}): no such entry in report.json.")
    for group in groups:
        if place.get(group) is None:
            place[group] = {}
        place = place[group]
        if not isinstance(place, dict):
            raise CourseError(f"record({name!r}): {group} is a value, not a group.")
    if last in place and isinstance(place[last], dict) and isinstance(value, dict):
        place[last].update(_finite(value))
    else:
        place[last] = _finite(value)


def complete(report: dict[str, Any]) -> None:
    """Give every split the same systems and every system the same keys."""
    for split, systems in (report["summarization"] or {}).items():
        report["summarization"][split] = {
            system: systems.get(system)
            and {key: systems[system].get(key) for key in MEASURES}
            for system in SYSTEMS
        }


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value
