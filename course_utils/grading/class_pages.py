"""The HTML of the feedback page and of the class report."""

import re
from functools import cache
from typing import Any

STYLE = """
:root { color-scheme: light dark; --text: #1d2530; --soft: #5c6773; --line: #d8dde3;
  --back: #fff; --card: #f4f6f8; --bar: #2f6fb3; --good: #1d7a46; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --text: #e3e7ec; --soft: #9aa5b1;
  --line: #39424d; --back: #14181d; --card: #1d232a; --bar: #5b9bdd;
  --good: #58bd84; --bad: #f2877f; } }
body { margin: 0; background: var(--back); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
a { color: var(--bar); }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { margin: 0 0 .25rem; font-size: 1.6rem; }
h2 { margin: 2.2rem 0 .6rem; font-size: 1.15rem; }
.soft { color: var(--soft); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .7rem .4rem 0;
  border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; }
.number { text-align: right; white-space: nowrap; }
.name { white-space: nowrap; } .name div { white-space: normal; }
/* Only these may break within a word, or a narrow column ends as one of letters. */
code, .path { overflow-wrap: anywhere; } .path { min-width: 5rem; }
.rest { width: 72%; }
.good { color: var(--good); } .bad { color: var(--bad); }
.track { width: 45%; }
.bar { background: var(--bar); height: 1.1rem; }
.track div:not(.bar) { background: var(--card); }
@media (max-width: 40rem) { .track { width: 25%; } }
pre { background: var(--card); padding: .7rem; margin: .2rem 0; white-space: pre-wrap;
  overflow-wrap: anywhere; max-height: 22rem; overflow-y: auto; font-size: .85rem; }
"""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{% block title %}{% endblock %}</title>
<style>{{ style }}</style>
</head>
<body><main>
{% block body %}{% endblock %}
</main></body>
</html>
"""

FEEDBACK = """{% extends "page" %}
{% block title %}Feedback for {{ student.name }}{% endblock %}
{% block body %}
<h1>{{ student.name }}</h1>
{% if student.marks %}
<p>{{ "%g" % student.total }} of {{ "%g" % student.judged }} points.
{%- set waits = student.out_of - student.judged %}
{%- if waits %} {{ "%g" % waits }} more wait for your teacher.{% endif %}</p>
<table>
<tr><th>question</th><th class="number">points</th>
<th class="rest">what to look at</th></tr>
{% for mark in student.marks.values() %}
<tr><td class="name">{{ mark.question }}
  <div class="soft">{{ mark.title }}</div></td>
<td class="number {{ 'good' if mark.points == mark.out_of else '' }}">
  {%- if mark.points is none %}-{% else %}{{ "%g" % mark.points }}{% endif %}
  {%- if mark.out_of is not none %} of {{ "%g" % mark.out_of }}{% endif %}</td>
<td>{{ "Your teacher reads this one." if mark.points is none else
  mark.hint | code if mark.hint and mark.points != mark.out_of else
  "Right." if mark.points == mark.out_of else "" }}</td></tr>
{% endfor %}
</table>
{% if student.total < student.judged %}
<p class="soft">Your answers ran on other values than those in your notebook. Run
<code>check</code> in your notebook to see one with its input.</p>
{% endif %}
{% endif %}
{% for path, problem in student.problems.items() %}
<p><span class="bad">{{ path }} could not be graded:</span> {{ problem }}</p>
{% endfor %}
{% endblock %}
"""

REPORT = """{% extends "page" %}
{% block title %}Class report{% endblock %}
{% block body %}
<h1>Class report</h1>
<p>Students: {{ counts.students }}. Notebooks graded: {{ counts.graded }} of
{{ counts.submissions }}. To look at: {{ counts.look_at }}. Waiting for a person:
{{ counts.waiting }}.</p>

<h2>Points</h2>
{% set most = distribution | map(attribute=1) | max %}
<table>
<tr><th>share of the points judged</th><th class="number">students</th><th></th></tr>
{% for name, count in distribution %}
<tr><td class="name">{{ name }}</td><td class="number">{{ count }}</td>
<td class="track"><div><div class="bar"
  style="width: {{ 100 * count / most if most else 0 }}%"></div></div></td></tr>
{% endfor %}
</table>

<h2>Questions</h2>
<table>
<tr><th>question</th><th></th><th class="number">all right</th>
<th class="number">mean</th><th></th></tr>
{% for q in questions %}
<tr><td class="name">{{ q.id }}</td><td>{{ q.title }}</td>
<td class="number">{{ q.right }} of {{ q.answers }}</td>
{% if q.share is none %}<td class="number">-</td><td></td>{% else %}
<td class="number">{{ "%.0f" % (100 * q.share) }} %</td>
<td class="track"><div><div class="bar" style="width: {{ 100 * q.share }}%"></div>
</div></td>
{% endif %}</tr>
{% endfor %}
</table>

<h2>Commonest mistakes</h2>
{% if mistakes %}
<table>
<tr><th class="number">students</th><th>question</th>
<th class="rest">hint they got</th></tr>
{% for count, question, hint in mistakes %}
<tr><td class="number">{{ count }}</td><td class="name">{{ question }}</td>
<td>{{ hint | code }}</td></tr>
{% endfor %}
</table>
{% else %}<p>None.</p>{% endif %}

<h2>To look at</h2>
{% if look_at or alike %}
<table>
<tr><th>student</th><th>notebook</th><th>why</th></tr>
{% for student, path, reason in look_at %}
<tr><td class="path">{{ student }}</td><td class="path">{{ path }}</td>
<td>{{ reason }}</td></tr>
{% endfor %}
{% for names in alike %}
<tr><td class="path">{{ names | join(", ") }}</td><td></td>
<td>Their notebooks are the same, cell for cell.</td></tr>
{% endfor %}
</table>
{% else %}<p>Nothing.</p>{% endif %}

<h2>Waiting for a person</h2>
{% if waiting %}
<p>Fill in points.csv, and grade again with --resume --points points.csv.</p>
{% for name, mark in waiting %}
<p>{{ name }}, {{ mark.question }}
{%- if mark.out_of is not none %} ({{ "%g" % mark.out_of }} points){% endif %}</p>
<pre>{{ mark.text }}</pre>
{% endfor %}
{% else %}<p>Nothing.</p>{% endif %}

<h2>Students</h2>
<table>
<tr><th>student</th><th class="number">points</th><th class="number">of</th></tr>
{% for student in students %}
<tr><td class="path"><a href="feedback/{{ student.page }}">{{ student.name }}</a></td>
<td class="number">{{ "%g" % student.total }}</td>
<td class="number">{{ "%g" % student.out_of }}</td></tr>
{% endfor %}
</table>
{% endblock %}
"""


@cache
def _templates() -> Any:
    from jinja2 import DictLoader, Environment

    texts = {"page": PAGE, "feedback": FEEDBACK, "report": REPORT}
    made = Environment(
        loader=DictLoader(texts), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["code"] = code
    return made


def code(text: str) -> Any:
    """Return a hint as HTML: escaped, and what is between backticks as code."""
    from markupsafe import Markup, escape

    return Markup(re.sub("`([^`]*)`", r"<code>\1</code>", str(escape(text))))


def render(name: str, **values: Any) -> str:
    """Return a page; every value is escaped."""
    return _templates().get_template(name).render(style=STYLE, **values)
