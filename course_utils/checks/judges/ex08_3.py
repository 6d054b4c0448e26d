"""Judge of 8.3, the paired interval of a difference."""

from course_utils.checks.judges.paired_interval import judge_of
from course_utils.checks.probes.ex08_3 import QUESTION

judge = judge_of(QUESTION)
