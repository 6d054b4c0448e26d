"""Answers that are alike although they are written differently.

Code is compared as copydetect does, after MOSS: names, texts, comments and blanks are
filtered out, and what is left is cut into short pieces. New names, comments, another
order and other words in texts leave most pieces as they are. The more of the class have
a piece, the less it counts, and one of the released stub does not count.

Source: Schleimer, Wilkerson, Aiken (2003), "Winnowing: local algorithms for document
fingerprinting".
"""

import ast
import math
import zlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations, pairwise

PIECE = 12  # characters of filtered code
WINDOW = 4  # of so many pieces, one is kept
LEAST = 0.8  # of the weight of the smaller one is shared
FEWEST = 30  # pieces that two share, so that a short answer is no evidence
MOST = 40_000  # characters of one text that are compared: all that is honest, and more
CROWD = 50  # of a piece that more have, only neighbours are compared


@dataclass(frozen=True)
class Pair:
    """Two answers that are alike.

    Attributes:
        first: a key of the texts that were compared.
        second: another one.
        score: the share, by weight, of the smaller one's pieces that both have.
    """

    first: str
    second: str
    score: float


def alike(texts: Mapping[str, str], stub: str = "") -> list[Pair]:
    """Return the pairs of texts that are alike, the likest first.

    Args:
        texts: Python code by any key, such as all answers of one person.
        stub: code that everybody was given.
    """
    given = _pieces(stub)
    pieces = {key: _pieces(text) - given for key, text in texts.items()}
    owners: dict[int, list[str]] = defaultdict(list)
    for key, its in pieces.items():
        for piece in its:
            owners[piece].append(key)
    weights = {p: math.log((len(texts) + 1) / len(its)) for p, its in owners.items()}
    sums = {key: sum(map(weights.__getitem__, its)) for key, its in pieces.items()}
    shared: Counter[tuple[str, str]] = Counter()
    for keys in owners.values():
        if len(keys) > CROWD:
            shared.update(pairwise(keys))
        else:
            shared.update(combinations(keys, 2))
    found = []
    for (first, second), count in shared.items():
        if count < FEWEST / 2:  # spares the exact measure
            continue
        both = pieces[first] & pieces[second]
        score = sum(map(weights.__getitem__, both)) / min(sums[first], sums[second])
        if len(both) >= FEWEST and score >= LEAST:
            found.append(Pair(first, second, score))
    return sorted(found, key=lambda pair: (-pair.score, pair.first, pair.second))


def _pieces(code: str) -> set[int]:
    """Return the hashes of a code's pieces, the same in every run.

    copydetect's own are Python's `hash`, which differs between runs. Which pieces are
    kept depends on it, so that a pair would be named today and not tomorrow.
    """
    import numpy as np
    from copydetect.utils import filter_code, winnow

    filtered, _ = filter_code(_plain(code[:MOST]), "answer.py", "python")
    plain = filtered.encode("utf-8", "surrogatepass")
    starts = range(len(plain) - PIECE + 1)
    hashes = [zlib.crc32(plain[start : start + PIECE]) for start in starts]
    if len(hashes) < WINDOW:
        return set()
    kept, _ = winnow(np.array(hashes), WINDOW)
    return set(kept.tolist())


def _plain(code: str) -> str:
    """Return code in one way of writing it: brackets, quotes and blanks as Python's.

    Texts that nothing is done with, such as docstrings, are left out.
    """
    with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.unparse(_WithoutTexts().visit(ast.parse(code)))
    return code


class _WithoutTexts(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        return None if isinstance(node.value, ast.Constant) else node
