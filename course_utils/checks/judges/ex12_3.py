"""Judge of 12.3, the paired interval of a difference."""

from course_utils.checks.judges.paired_interval import judge_of
from course_utils.checks.probes.ex12_3 import QUESTION

judge = judge_of(QUESTION)
