"""The first and the last line of a lesson: what it runs on, and what it took."""

from course_utils.lesson.profile import Profile, get_profile, is_strict, local_data
from course_utils.lesson.stopwatch import peak_memory, stopwatch
from course_utils.machine import runtime
from course_utils.machine.errors import CourseError

# The columns that a lesson reads, by the profile's field that names the data set.
COLUMNS = {"language": {"text"}, "summaries": {"id", "dialogue", "summary"}}


def with_data(profile: Profile, *, strict: bool = False) -> Profile:
    """Return the profile once its data and models are on this machine, ready to load.

    tiny's data are written on first use, the others' come from the Hub. If the Hub
    fails, the answer is tiny, with one line that says why.

    Args:
        profile: from `get_profile`.
        strict: raise instead of falling back to tiny.

    Raises:
        CourseError: `strict` and the Hub fails, or tiny's data cannot be written.
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


def start_lesson(lesson: str, *, strict: bool = False) -> Profile:
    """Make the notebook ready and print what it will run on; return the profile.

    Chooses the profile, brings its data and models onto this machine, readies CPU
    threads and memory, seeds the random generators and quiets the libraries' chatter.
    From here on the cells' time counts, until `finish_lesson` prints it.
    """
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
    """Print what the cells took since `start_lesson`: their time, and memory."""
    took = f"The cells took {stopwatch.seconds:.0f} seconds"
    peak = peak_memory()
    print(f"{took} and at most {peak / 1e9:.1f} GB of memory." if peak else f"{took}.")
