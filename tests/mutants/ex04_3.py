"""Right and wrong answers to Exercise 4.3, as students write them."""

import re

import numpy as np
import pandas as pd
import torch


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


def resume_pandas(folders):
    table = pd.DataFrame({"name": list(folders), "files": list(folders.values())})
    table["step"] = table["name"].astype(str).str.extract(r"^checkpoint-(\d+)$")[0]
    whole = table["files"].map(
        lambda files: {"complete.txt", "optimizer.pt"} <= set(files)
    )
    table = table[whole.astype(bool) & table["step"].notna()]
    if table.empty:
        return None
    return table.loc[table["step"].astype(int).idxmax(), "name"]


def resume_numpy(folders):
    steps = _steps(folders)
    if not steps:
        return None
    names = np.array(list(steps))
    return names[np.argmax(list(steps.values()))]


def resume_torch(folders):
    steps = {step: name for name, step in _steps(folders).items()}
    if len(steps) == 0:
        return None
    return steps[torch.tensor(list(steps)).max().item()]


def resume_try_int(folders):
    best = None
    for name, files in folders.items():
        start, _, number = name.partition("-")
        try:
            step = int(number)
        except ValueError:
            continue
        if start == "checkpoint" and files.count("complete.txt") * files.count(
            "optimizer.pt"
        ):
            best = max(best or (step, name), (step, name))
    return best[1] if best else None


def resume_any_number(folders):
    best, highest = None, -1
    for name, files in folders.items():
        match = re.search(r"checkpoint-(\d+)", name)
        whole = {"optimizer.pt", "complete.txt"} <= set(files)
        if match and whole and int(match[1]) > highest:
            best, highest = name, int(match[1])
    return best


def resume_match_only(folders):
    best, highest = None, -1
    for name, files in folders.items():
        match = re.match(r"checkpoint-(\d+)", name)
        whole = {"optimizer.pt", "complete.txt"} <= set(files)
        if match and whole and int(match[1]) > highest:
            best, highest = name, int(match[1])
    return best


def resume_substring(folders):
    found = {}
    for name, step in _steps(folders, needs=()).items():
        text = " ".join(folders[name])
        if "complete.txt" in text and "optimizer.pt" in text:
            found[name] = step
    return max(found, key=found.get, default=None)


def resume_either(folders):
    names = {**_steps(folders, ["complete.txt"]), **_steps(folders, ["optimizer.pt"])}
    return max(names, key=names.get, default=None)


def resume_first(folders):
    return next(iter(_steps(folders)), None)


def resume_all(folders):
    steps = _steps(folders)
    return sorted(steps, key=steps.get)


def resume_step_and_name(folders):
    steps = _steps(folders)
    return max(((step, name) for name, step in steps.items()), default=None)


def resume_sort_is_none(folders):
    names = list(_steps(folders)).sort(key=lambda name: int(name.split("-")[1]))
    return names[-1]


def resume_printed(folders):
    print(resume_loop(folders))


def resume_exact_files(folders):
    whole = {
        n for n, f in folders.items() if sorted(f) == ["complete.txt", "optimizer.pt"]
    }
    steps = {name: step for name, step in _steps(folders).items() if name in whole}
    return max(steps, key=steps.get, default=None)


def folder_of_most_files(folders):
    ok = [
        n
        for n, f in folders.items()
        if n.startswith("checkpoint-")
        and n[11:].isdigit()
        and ("complete.txt" in f)
        and ("optimizer.pt" in f)
    ]
    return max(ok, key=lambda n: len(folders[n]), default=None)


RIGHT = [
    resume_sorted,
    resume_loop,
    resume_pandas,
    resume_numpy,
    resume_torch,
    resume_try_int,
]
WRONG = [
    (resume_any_name, "skip the others"),
    (resume_no_default, "return None then"),
    (resume_index, "return None then"),
    (resume_path, "Return the name alone"),
    (resume_any_number, "whole name is"),
    (resume_match_only, "nothing follows the number"),
    (resume_substring, "compare whole names"),
    (resume_either, "One of the two files"),
    (resume_first, "The first in the list"),
    (resume_all, "Return one name"),
    (resume_step_and_name, "Return the name checkpoint-STEP"),
    (resume_sort_is_none, "`sort` sorts the list"),
    (resume_printed, "`print` shows"),
    (resume_exact_files, "returns None"),
    (folder_of_most_files, "one with a higher step"),
]
