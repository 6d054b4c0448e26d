"""Write docs/tinychats-samples.md and the counts in docs/cards/tinychats.md.

python scripts/tinychats_docs.py
"""

import re
from pathlib import Path
from statistics import mean

from course_utils.data import chats
from course_utils.machine.files import read_text, write_text

DOCS = Path(__file__).parents[1] / "docs"
SAMPLES = 20


def samples() -> str:
    """Return 20 chats of each split as Markdown."""
    parts = [
        "# Samples of TinyChats",
        f"The first {SAMPLES} chats of each split, seed 0, as they come. "
        "Written by `python scripts/tinychats_docs.py`.",
    ]
    for split in chats.SPLITS:
        parts.append(f"## {split}")
        for row in chats.tinychats(SAMPLES, 0, split):
            parts.append(f"```text\n{row['dialogue']}\n```")
            parts.append(f"{row['summary']} ({row['family']})")
    return "\n\n".join(parts) + "\n"


def unique_turns() -> list[chats.Wordings]:
    """Return the wordings of every turn that some script uses, each block once."""
    found = {}
    for family in chats.families():
        for branch in family.branches:
            for script in branch.scripts:
                for _, turn, _ in script:
                    wordings = family.wordings[turn]
                    found[wordings.train] = wordings
    return list(found.values())


def counts(rows: int = 5000) -> str:
    """Return a Markdown table of what is in the generator and in a sample of it."""
    families, turns = chats.families(), unique_turns()
    train = chats.tinychats(rows)
    lengths = [len(row["dialogue"]) for row in train]
    lines = [len(row["dialogue"].splitlines()) for row in train]
    summaries = [len(row["summary"]) for row in train]
    three = mean(
        len({t.split(":")[0] for t in d.splitlines()}) == 3 for d in train["dialogue"]
    )
    table = {
        "scenario families": len(families),
        "outcomes (branches)": sum(len(family.branches) for family in families),
        "different turns": len(turns),
        "wordings in train": sum(len(turn.train) for turn in turns),
        "more wordings, only in pretrain": sum(len(turn.extra) for turn in turns),
        "wordings only in test_paraphrases": sum(len(turn.held) for turn in turns),
        "names (of them only in test_names)": f"{len(chats.NAMES)} "
        f"({len(chats.HELD_NAMES)})",
        "turns in a chat, mean (range)": f"{mean(lines):.1f} "
        f"({min(lines)} to {max(lines)})",
        "chats with three speakers": f"{three:.0%}",
        "characters in a dialogue, mean (longest)": f"{mean(lengths):.0f} "
        f"({max(lengths)})",
        "characters in a summary, mean (longest)": f"{mean(summaries):.0f} "
        f"({max(summaries)})",
        f"different dialogues in {rows:,}": f"{len(set(train['dialogue'])):,}",
    }
    body = [f"| {name} | {value} |" for name, value in table.items()]
    return "\n".join(["| what | how many |", "|---|---|", *body])


def main() -> None:
    """Write both files."""
    write_text(DOCS / "tinychats-samples.md", samples())
    card = DOCS / "cards" / "tinychats.md"
    block = f"<!-- counts -->\n{counts()}\n<!-- end -->"
    pattern = re.compile(r"<!-- counts -->.*?<!-- end -->", re.DOTALL)
    write_text(card, pattern.sub(lambda _: block, read_text(card)))


if __name__ == "__main__":
    main()
