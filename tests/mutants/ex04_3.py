"""Right and wrong answers to Exercise 4.3, as students write them."""

import re


def _steps(folders, needs=("complete.txt", "optimizer.pt")):
    found = {}
    for name, files in folders.items():
        match = re.fullmatch(r"checkpoint-(\d+)", name)
        if match and all(file in files for file in needs):
            found[name] = int(match[1])
    return found


def resume_sorted(folders):
    for _, name in sorted(((step, n) for n, step in _steps(folders).items()))[::-1]:
        return name


def resume_loop(folders):
    best, highest = None, -1
    for name in folders:
        kind, _, step = name.rpartition("-")
        if kind != "checkpoint" or not step.isdecimal():
            continue
        if {"optimizer.pt", "complete.txt"} - set(folders[name]):
            continue
        if int(step) > highest:
            best, highest = name, int(step)
    return best


def resume_any_name(folders):
    whole = [
        n for n, f in folders.items() if "complete.txt" in f and "optimizer.pt" in f
    ]
    return max(whole, key=lambda name: int(name.split("-")[1]), default=None)


def resume_no_default(folders):
    steps = _steps(folders)
    return max(steps, key=steps.get)


def resume_index(folders):
    steps = _steps(folders)
    return sorted(steps, key=steps.get)[-1]


def resume_path(folders):
    name = resume_loop(folders)
    return name and f"runs/{name}"


RIGHT = [resume_sorted, resume_loop]
WRONG = [
    (resume_any_name, "skip the others"),
    (resume_no_default, "return None then"),
    (resume_index, "return None then"),
    (resume_path, "Return the name checkpoint-STEP"),
]
