"""Right and wrong answers to Exercise 12.5, as students hand them over.

They are functions, made when they are needed. The texts stand in for those of models:
the beginning of the dialogue before, a spoilt reference after.
"""

import re

import numpy as np
import pandas as pd


def _texts(n=60, split="test_slots"):
    from course_utils.data.chats import tinychats
    from course_utils.evaluation.summary_scores import lead

    rows = tinychats(n, split=split)
    return pd.DataFrame(
        {
            "dialogue": rows["dialogue"],
            "reference": rows["summary"],
            "before": [lead(dialogue) for dialogue in rows["dialogue"]],
            "after": [
                " ".join(reference.split()[: -1 - i % 3])
                for i, reference in enumerate(rows["summary"])
            ],
        }
    )


def _tried(n=25, split="validation"):
    from course_utils.data.chats import tinychats
    from course_utils.evaluation.summary_scores import lead

    rows = tinychats(n, split=split)
    texts = {
        "{dialogue}\nTL;DR:": [lead(text, 3) for text in rows["dialogue"]],
        "{dialogue}\n\nSummary:": ["They talk." for _ in range(n)],
        "A chat.\n{dialogue}\n\nIn short,": [lead(t, 1) for t in rows["dialogue"]],
    }
    chats = {"dialogues": rows["dialogue"], "references": rows["summary"]}
    return {**chats, "texts": texts}


def _right_people(dialogue, reference, text):
    speakers = {line.partition(":")[0] for line in dialogue.splitlines()}
    named = [
        {s for s in speakers if re.search(rf"\b{s}\b", t)} for t in (text, reference)
    ]
    return named[0] == named[1]


def _scored(table, scale=1.0, stemmer=True, **changes):
    from course_utils.evaluation.rouge import paired_difference, rouge_scores

    result = {"table": table, "tried": _tried(), "prompt": "{dialogue}\nTL;DR:"}
    scores = {}
    references = list(table["reference"])
    for name in ("before", "after"):
        texts = list(table[name])
        rouge = rouge_scores(texts, references, ["rouge1"], use_stemmer=stemmer)
        scores[name] = rouge["rouge1"] * scale
        people = [
            _right_people(*three)
            for three in zip(table["dialogue"], references, texts, strict=True)
        ]
        result[f"rouge1_{name}"] = scores[name].mean()
        result[f"people_{name}"] = 100 * scale * np.mean(people)
    result["difference"] = paired_difference(scores["after"], scores["before"])
    return result | changes


def result_of_lists():
    result = _scored(_texts(300))
    table = result["table"].to_dict("list")
    return result | {"table": table, "difference": list(result["difference"])}


def result_with_own_draws():
    from course_utils.evaluation.rouge import rouge_scores

    table = _texts()
    before, after = (
        rouge_scores(list(table[name]), list(table["reference"]), ["rouge1"])["rouge1"]
        for name in ("before", "after")
    )
    draws = np.random.default_rng(7).integers(0, len(table), (2000, len(table)))
    means = (after - before)[draws].mean(axis=1)
    interval = (after - before).mean(), *np.percentile(means, [2.5, 97.5])
    return _scored(table, difference=interval)


def result_of_one_model():
    table = _texts()
    return _scored(table.assign(before=table["after"]))


def result_on_training_data():
    return _scored(_texts(split="train"))


def result_on_validation_data():
    return _scored(_texts(split="validation"))


def result_of_few():
    return _scored(_texts(10))


def result_with_doubles():
    return _scored(pd.concat([_texts(30), _texts(30)]))


def result_shuffled():
    table = _texts()
    references = list(table["reference"])
    return _scored(table.assign(reference=references[1:] + references[:1]))


def result_with_summary_column():
    result = _scored(_texts())
    return result | {"table": result["table"].rename(columns={"reference": "summary"})}


def result_as_shares():
    return _scored(_texts(), scale=0.01)


def result_swapped():
    result = _scored(_texts())
    return result | {
        "rouge1_before": result["rouge1_after"],
        "rouge1_after": result["rouge1_before"],
    }


def result_people_forgotten():
    return _scored(_texts(), people_after=100.0)


def result_before_minus_after():
    result = _scored(_texts())
    mean, low, high = result["difference"]
    return result | {"difference": (-mean, -high, -low)}


def result_of_examples():
    result = _scored(_texts())
    mean, low, high = result["difference"]
    return result | {"difference": (mean, mean - 4 * (mean - low), high + 20)}


def result_without_interval():
    result = _scored(_texts())
    return result | {"difference": [result["difference"][0]]}


def result_without_people():
    result = _scored(_texts())
    del result["people_after"]
    return result


def result_of_arrays():
    result = _scored(_texts())
    table = {name: column.to_numpy() for name, column in result["table"].items()}
    numbers = {
        name: np.float32(value)
        for name, value in result.items()
        if name.startswith(("rouge1", "people"))
    }
    arrays = {"table": table, "difference": np.array(result["difference"])}
    return {**result, **arrays, **numbers}


def result_with_another_index():
    table = _texts(120).sample(frac=1, random_state=1)
    return _scored(table)


def result_of_few_draws():
    from course_utils.evaluation.rouge import paired_difference, rouge_scores

    table = _texts()
    before, after = (
        rouge_scores(list(table[name]), list(table["reference"]), ["rouge1"])["rouge1"]
        for name in ("before", "after")
    )
    return _scored(table, difference=paired_difference(after, before, 1000, seed=3))


def result_as_named_tuple():
    result = _scored(_texts())
    return dict(sorted(result.items()))


def result_of_lines():
    table = _texts()
    return _scored(
        table.assign(before=[text + "\nAnn: Hi" for text in table["before"]])
    )


def result_drawn_apart():
    from course_utils.evaluation.rouge import rouge_scores

    table = _texts(100)
    before, after = (
        rouge_scores(list(table[name]), list(table["reference"]), ["rouge1"])["rouge1"]
        for name in ("before", "after")
    )
    # What is hard for one is hard for the other here, so that drawing apart is wider.
    before = np.minimum(before, 100)
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(table), (2, 4000, len(table)))
    means = after[draws[0]].mean(axis=1) - before[draws[1]].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    mean = (after - before).mean()
    return _scored(table, difference=(mean, 2 * low - mean, 2 * high - mean))


def result_turned():
    result = _scored(_texts())
    mean, low, high = result["difference"]
    return result | {"difference": (low, mean, high)}


def result_of_four_prompts_with_an_example():
    tried = _tried(40)
    example = "Ann: Tea?\nBen: Yes!\nTL;DR: They have tea.\n\n{dialogue}\nTL;DR:"
    tried["texts"][example] = list(tried["references"])
    return _scored(_texts(), tried=tried, prompt=example)


def result_of_two_prompts():
    tried = _tried()
    tried["texts"].popitem()
    return _scored(_texts(), tried=tried)


def result_without_a_place_for_the_dialogue():
    tried = _tried()
    tried["texts"] = {
        name.replace("{dialogue}", ""): texts for name, texts in tried["texts"].items()
    }
    return _scored(_texts(), tried=tried, prompt="\nTL;DR:")


def result_of_a_prompt_not_tried():
    return _scored(_texts(), prompt="{dialogue}\nWhat happened?")


def result_of_the_worst_prompt():
    return _scored(_texts(), prompt="{dialogue}\n\nSummary:")


def result_chosen_on_the_test():
    return _scored(_texts(), tried=_tried(split="test_slots"))


def result_of_few_tried():
    return _scored(_texts(), tried=_tried(10))


def result_of_prompts_not_used():
    tried = _tried()
    first = next(iter(tried["texts"].values()))
    tried["texts"] = dict.fromkeys(tried["texts"], first)
    return _scored(_texts(), tried=tried)


def result_of_texts_left_out():
    tried = _tried()
    next(iter(tried["texts"].values())).pop()
    return _scored(_texts(), tried=tried)


def result_of_lines_tried():
    tried = _tried()
    for texts in tried["texts"].values():
        texts[0] += "\nAnn: Hi"
    return _scored(_texts(), tried=tried)


def result_of_a_list_of_texts():
    tried = _tried()
    tried["texts"] = list(tried["texts"].values())
    return _scored(_texts(), tried=tried)


def result_without_tried():
    result = _scored(_texts())
    del result["tried"]
    return result


RIGHT = [
    result_of_four_prompts_with_an_example,
    result_of_lists,
    result_with_own_draws,
    result_of_arrays,
    result_with_another_index,
    result_of_few_draws,
    result_as_named_tuple,
]
WRONG = [
    (result_of_one_model, "both came from one model"),
    (result_of_lines, "only the first line counts"),
    (result_drawn_apart, "its paired 95 % interval"),
    (result_turned, "Its mean is not that of the texts"),
    (result_on_training_data, "trained on"),
    (result_on_validation_data, "dialogues of the validation split"),
    (result_of_few, "at least 50 rows"),
    (result_with_doubles, "there twice"),
    (result_shuffled, "belong to other dialogues"),
    (result_with_summary_column, "columns have to be"),
    (result_as_shares, "a share of 1"),
    (result_swapped, "`rouge1_before` is not what the texts"),
    (result_people_forgotten, "`people_after` is not what the texts"),
    (result_before_minus_after, "The sign is the wrong way round"),
    (result_of_examples, "its paired 95 % interval"),
    (result_without_interval, "no three numbers"),
    (result_without_people, "all the keys"),
    (result_without_tried, "all the keys"),
    (result_of_two_prompts, "at least 3 templates"),
    (result_without_a_place_for_the_dialogue, "with {dialogue} in it"),
    (result_of_a_prompt_not_tried, "not among the templates"),
    (result_of_the_worst_prompt, "Another template has a higher"),
    (result_chosen_on_the_test, "that it is measured on"),
    (result_of_few_tried, "at least 20 different"),
    (result_of_prompts_not_used, "have the same texts"),
    (result_of_texts_left_out, "a text for each"),
    (result_of_lines_tried, "Some texts of `tried` have several lines"),
    (result_of_a_list_of_texts, "The texts of `tried` are a dict"),
]
