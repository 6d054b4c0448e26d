"""Write a saved GPT-2 as a GGUF file, the format that llama.cpp and its kin read."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.machine.errors import CourseError
from course_utils.machine.files import atomic_path
from course_utils.model.gpt2 import load

if TYPE_CHECKING:
    from gguf import GGMLQuantizationType, GGUFWriter
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

# How a matrix is kept, and llama.cpp's name for such a file.
KINDS = {"f32": "ALL_F32", "f16": "MOSTLY_F16", "q8_0": "MOSTLY_Q8_0"}

# No file can say otherwise: llama.cpp computes GPT-2 as it was published.
_PUBLISHED = {
    "activation_function": ("gelu_new", "gelu_pytorch_tanh"),
    "scale_attn_weights": (True,),
    "scale_attn_by_inverse_layer_idx": (False,),
}


def write_gguf(folder: str | Path, file: str | Path, kind: str = "f16") -> None:
    """Write a saved model as one GGUF file: its sizes, its tokenizer and its weights.

    The file is the one that llama.cpp's convert_hf_to_gguf.py writes for GPT-2, whose
    library does the work here too. The script itself looks for a field n_ctx, which
    Transformers no longer writes, and knows a tokenizer by its fingerprint, so that it
    refuses one of your own.

    Args:
        folder: a saved GPT-2 with its tokenizer, or another name that `load` takes.
        file: where to write.
        kind: of the matrices: "f32", "f16" (16 bits), or "q8_0" (8 bits, and one scale
            for each 32 weights). Vectors and positions stay in 32 bits.

    Raises:
        CourseError: the package gguf is missing, the kind is unknown, or the model or
            its tokenizer is not as llama.cpp computes GPT-2.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp(), "tiny.gguf")
        >>> write_gguf("tiny-summariser", file, "q8_0")
        >>> file.read_bytes()[:4]
        b'GGUF'
    """
    try:
        import gguf
    except ImportError as error:
        raise CourseError(
            'the export needs gguf: pip install "train-gpt-course[export]".'
        ) from error
    if kind not in KINDS:
        raise CourseError(f"unknown kind {kind!r}: choose one of {', '.join(KINDS)}.")
    model, tokenizer = load(folder)
    _refuse_what_is_no_gpt2(model.config, tokenizer)
    with atomic_path(file) as temporary:
        writer = gguf.GGUFWriter(temporary, "gpt2")
        add_sizes(writer, model.config)
        writer.add_file_type(gguf.LlamaFileType[KINDS[kind]])
        writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
        add_tokenizer(writer, tokenizer)
        add_weights(writer, model, gguf.GGMLQuantizationType[kind.upper()])
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()


def add_sizes(writer: "GGUFWriter", config: "GPT2Config") -> None:
    """Hand the sizes of a GPT-2 to `writer`, under llama.cpp's names.

    Example:
        >>> import gguf
        >>> from course_utils.model.gpt2 import preset
        >>> writer = gguf.GGUFWriter(None, "gpt2")
        >>> add_sizes(writer, preset("gpt2"))
        >>> writer.kv_data[0]["gpt2.block_count"].value
        12
    """
    writer.add_block_count(config.n_layer)
    writer.add_context_length(config.n_positions)
    writer.add_embedding_length(config.n_embd)
    writer.add_feed_forward_length(config.n_inner or 4 * config.n_embd)
    writer.add_head_count(config.n_head)
    writer.add_layer_norm_eps(config.layer_norm_epsilon)


def add_tokenizer(writer: "GGUFWriter", tokenizer: "PreTrainedTokenizerFast") -> None:
    """Hand a byte-level BPE to `writer`: tokens, merges, and the token that ends.

    Example:
        >>> import gguf
        >>> writer = gguf.GGUFWriter(None, "gpt2")
        >>> add_tokenizer(writer, load("tiny")[1])
        >>> len(writer.kv_data[0]["tokenizer.ggml.tokens"].value)
        2048
    """
    import gguf

    rules = json.loads(tokenizer.backend_tokenizer.to_str())
    special = {token["id"] for token in rules["added_tokens"] if token["special"]}
    ids = range(len(tokenizer))
    kinds = (gguf.TokenType.NORMAL, gguf.TokenType.CONTROL)
    merges = rules["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")  # how a text is cut into words before the merges
    writer.add_token_list(tokenizer.convert_ids_to_tokens(ids))
    writer.add_token_types([kinds[token in special] for token in ids])
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in merges])
    writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_eos_token_id(tokenizer.eos_token_id)
    if tokenizer.pad_token_id is not None:
        writer.add_pad_token_id(tokenizer.pad_token_id)


def add_weights(
    writer: "GGUFWriter", model: "GPT2LMHeadModel", kind: "GGMLQuantizationType"
) -> None:
    """Hand the weights of a GPT-2 to `writer`, the matrices as `kind`.

    Example:
        >>> import gguf
        >>> writer = gguf.GGUFWriter(None, "gpt2")
        >>> add_weights(writer, load("tiny")[0], gguf.GGMLQuantizationType.F16)
        >>> tensors = writer.tensors[0]
        >>> [tensors[f"{x}.weight"].dtype.name for x in ("token_embd", "output_norm")]
        ['F16', 'F32']
    """
    import gguf

    exact = gguf.GGMLQuantizationType.F32
    layers = model.config.n_layer
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.GPT2, layers)
    for name, weights in model.state_dict().items():
        if name == "lm_head.weight" and model.config.tie_word_embeddings:
            continue  # it is the table of tokens
        values = weights.float().cpu().numpy()
        if ".c_" in name and values.ndim == 2:
            values = values.T  # Conv1D keeps (in, out), llama.cpp (out, in)
        chosen = exact if values.ndim == 1 or ".wpe." in name else kind
        new_name = names.get_name(name, (".weight", ".bias"))
        assert new_name, name
        writer.add_tensor(new_name, gguf.quantize(values, chosen), raw_dtype=chosen)


def _refuse_what_is_no_gpt2(
    config: "GPT2Config", tokenizer: "PreTrainedTokenizerFast"
) -> None:
    for field, allowed in _PUBLISHED.items():
        if getattr(config, field) not in allowed:
            raise CourseError(
                f"{field}={getattr(config, field)!r}: llama.cpp computes GPT-2 with "
                f"{' or '.join(repr(value) for value in allowed)} alone."
            )
    rules = json.loads(tokenizer.backend_tokenizer.to_str())
    cut = rules["pre_tokenizer"] or {}
    is_gpt2 = (
        rules["normalizer"] is None
        and cut.get("type") == "ByteLevel"
        and cut.get("use_regex", True)
        and not cut["add_prefix_space"]
        and rules["model"]["type"] == "BPE"
    )
    if not is_gpt2 or len(tokenizer) != config.vocab_size:
        raise CourseError(
            "the tokenizer is no byte-level BPE in GPT-2's form, with a token for each "
            "row of the embeddings: llama.cpp would cut texts in another way."
        )
