"""A GPT-2 in the manner of nanoGPT: plain linear layers, fused attention, one loop."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Block(nn.Module):
    """Attention and MLP, each behind a layer norm and around a residual."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm_1, self.norm_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.project = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.widen, self.narrow = (
            nn.Linear(width, 4 * width),
            nn.Linear(4 * width, width),
        )

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        shape = (batch, length, self.heads, width // self.heads)
        parts = self.qkv(self.norm_1(x)).split(width, dim=2)
        query, key, value = (part.view(shape).transpose(1, 2) for part in parts)
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.project(mixed.transpose(1, 2).reshape(batch, length, width))
        hidden = F.gelu(self.widen(self.norm_2(x)), approximate="tanh")
        return x + self.narrow(hidden)


class NanoGPT(nn.Module):
    """GPT-2 without dropout; the output layer shares the token embedding."""

    def __init__(
        self, vocab_size: int, positions: int, width: int, layers: int, heads: int
    ) -> None:
        super().__init__()
        self.tokens = nn.Embedding(vocab_size, width)
        self.positions = nn.Embedding(positions, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocab_size, bias=False)
        self.head.weight = self.tokens.weight
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                residual = name.endswith(("project.weight", "narrow.weight"))
                scale = math.sqrt(2 * layers) if residual else 1
                nn.init.normal_(parameter, std=0.02 / scale)

    def forward(self, ids: Tensor, targets: Tensor) -> Tensor:
        positions = torch.arange(ids.shape[1], device=ids.device)
        x = self.tokens(ids) + self.positions(positions)
        for block in self.blocks:
            x = block(x)
        logits = self.head(self.norm(x))
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.view(-1))


def batches(stream: Tensor, rows: int, block_size: int) -> Iterator[tuple]:
    """Yield random windows of a long stream of ids, and the same one token on."""
    while True:
        starts = torch.randint(len(stream) - block_size - 1, (rows,)).tolist()
        x = torch.stack([stream[i : i + block_size] for i in starts])
        y = torch.stack([stream[i + 1 : i + 1 + block_size] for i in starts])
        yield x, y


def train(
    model: NanoGPT, stream: Tensor, steps: int, rows: int, block_size: int, rate: float
) -> float:
    """Train with AdamW, weight decay on the matrices alone, cosine decay; clip at 1."""
    decayed = [p for p in model.parameters() if p.dim() >= 2]
    others = [p for p in model.parameters() if p.dim() < 2]
    groups = [
        {"params": decayed, "weight_decay": 0.1},
        {"params": others, "weight_decay": 0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95), fused=True)
    source = batches(stream, rows, block_size)
    value = math.nan
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = cosine(step, steps, rate)
        loss = model(*next(source))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if step % 10 == 0:
            value = loss.item()
    return value


def cosine(step: int, steps: int, rate: float) -> float:
    """Return the learning rate: up over 5 % of the steps, then down to 0."""
    warmup = max(1, steps // 20)
    if step < warmup:
        return rate * (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    return rate * 0.5 * (1 + math.cos(math.pi * done))
