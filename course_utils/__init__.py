"""Train GPT: the helper library behind the course's notebooks.

Importing this package is quick; torch and transformers are imported by the
functions that need them.
"""

from importlib import import_module

__version__ = "0.1.0"

_PUBLIC = {
    "CourseError": "machine.errors",
    "Profile": "lesson.profile",
    "check": "checks",
    "finish_lesson": "lesson.start_lesson",
    "get_profile": "lesson.profile",
    "record": "machine.runtime",
    "start_lesson": "lesson.start_lesson",
}

__all__ = [*sorted(_PUBLIC), "__version__"]


def __getattr__(name: str):
    if name in _PUBLIC:
        return getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
