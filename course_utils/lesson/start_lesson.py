"""Begin and end a lesson: print what it runs on, and what its cells took."""

from collections.abc import Sequence
from importlib.util import find_spec

from course_utils.lesson.profile import Profile, get_profile, is_strict, local_data
from course_utils.lesson.stopwatch import peak_memory, stopwatch
from course_utils.machine import runtime
from course_utils.machine.errors import CourseError

# The columns that a lesson reads, by the profile's field that names the data set.
COLUMNS = {"language": {"text"}, "summaries": {"id", "dialogue", "summary"}}


def with_data(profile: Profile, *, strict: bool = False) -> Profile:
    """Return the profile once its data and models are on this machine, ready to load.

    The data of tiny are written on first use; those of the other profiles come from the
    Hub. If the Hub fails, tiny is returned, after one line that says why.

    Args:
        profile: from `get_profile`.
        strict: raise an error instead of falling back to tiny.

    Raises:
        CourseError: the data of tiny cannot be written; or `strict` is on and the Hub
            fails.
    """
    if profile.name == "tiny":
        from course_utils.data.sources import write_local_data

        write_local_data(local_data())
        return profile
    from course_utils.machine.hub import HubData, fetch

    try:
        data = [HubData(getattr(profile, use), COLUMNS[use]) for use in COLUMNS]
        fetch(data, [profile.tokenizer, profile.pretrained])
    except CourseError as error:
        if strict or is_strict():
            raise
        print(f"{error} Using the tiny profile instead.")
        return with_data(get_profile("tiny"))
    return profile


def start_lesson(
    lesson: str, *, strict: bool = False, needs: Sequence[str] = ()
) -> Profile:
    """Prepare the notebook, print what it will run on, and return the profile.

    This chooses the profile, brings its data and models onto this machine, sets the
    number of CPU threads, seeds the random generators and silences the libraries. From
    then on the time of the cells is counted, until `finish_lesson` prints it.

    Args:
        lesson: the lesson's number, such as "05".
        strict: raise an error instead of falling back to the tiny profile.
        needs: packages of the extra `labs` that the lesson imports.

    Raises:
        CourseError: the profile cannot be used here, see `get_profile`; or one of
            `needs` is missing.

    Example:
        >>> start_lesson("12", needs=["no_such_package"])
        Traceback (most recent call last):
        course_utils.machine.errors.CourseError: lesson 12 needs no_such_package: ...
    """
    if missing := [name for name in needs if find_spec(name) is None]:
        raise CourseError(
            f"lesson {lesson} needs {', '.join(missing)}: "
            'pip install "train-gpt-course[labs]".'
        )
    stopwatch.restart()
    runtime.quiet_libraries()
    profile = with_data(get_profile(strict=strict), strict=strict)
    threads = runtime.set_threads()
    runtime.keep_freed_memory()
    from transformers import set_seed

    set_seed(profile.seed)
    facts = runtime.hardware()
    place = facts.get("name", f"{facts['device']}, {threads} thread(s)")
    print(f"Lesson {lesson} · profile {profile.name} · {place}")
    for key, source in profile.sources.items():
        print(f"  {key:<11} {source}")
    return profile


def finish_lesson() -> None:
    """Print the time that the cells took since `start_lesson`, and their memory.

    Example:
        >>> finish_lesson()
        The cells took ... seconds...
    """
    took = f"The cells took {stopwatch.seconds:.0f} seconds"
    peak = peak_memory()
    print(f"{took} and at most {peak / 1e9:.1f} GB of memory." if peak else f"{took}.")
