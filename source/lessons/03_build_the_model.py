# %% [markdown]
# # 3. Build the model
#
# GPT-2 is smaller than its fame. In this lesson you count all of its parameters, write
# it out yourself, and find nothing inside that you cannot explain.
#
# **You will be able to**
#
# - build GPT-2 from a `GPT2Config`, say what each field does, and notice one that is
#   silently ignored;
# - count its 124,439,808 parameters by hand, part by part;
# - draw the causal mask, and show that no token sees the future;
# - write GPT-2 as a module of your own, which equals the library's and takes its
#   weights;
# - say what loss an untrained model has, and why.
#
# | profile | model | minutes | memory | first loss |
# |---|---|---|---|---|
# | tiny | GPT-2, 1.1 million parameters, and once the real GPT-2 | under 1 | 2 GB | 7.5 to 7.8 |
# | colab, full | GPT-2, 124 million parameters | 2 (predicted) | 5 GB (predicted) | 10.8 to 11.1 (predicted) |
#
# <!-- figure: measured 7.5 7.8 -->
# Everything here runs on the CPU, in every profile. What is trained is trained for a few
# dozen steps.

# %% tags=["setup"]
from course_utils import CourseError, start_lesson
profile = start_lesson("03")

# %% [markdown]
# ## 1. Five numbers make a GPT-2
#
# | field | GPT-2 | what it is |
# |---|---|---|
# | `vocab_size` | 50,257 | how many tokens there are |
# | `n_positions` | 1,024 | the longest text it can read, in tokens |
# | `n_embd` | 768 | how many numbers describe a token inside the model |
# | `n_layer` | 12 | how many blocks follow each other |
# | `n_head` | 12 | how many attentions work side by side in a block |
#
# These are the sizes of the smallest GPT-2, as OpenAI published it in 2019. To count
# its parameters you need only their shapes. So build it on `meta`, where *tensors*,
# PyTorch's arrays of numbers, have a shape and take no memory.

# %% tags=["nbval-check-output"]
import torch
from transformers import GPT2Config, GPT2LMHeadModel

config = GPT2Config(
    vocab_size=50257, n_positions=1024, n_embd=768, n_layer=12, n_head=12
)
with torch.device("meta"):
    gpt2 = GPT2LMHeadModel(config)
print(f"{gpt2.num_parameters():,} parameters")

# %% [markdown]
# The name says what it is: GPT-2 with a *language model head*, the layer that scores
# the next token. These are its parts:

# %%
for name, part in gpt2.transformer.named_children():
    count = sum(p.numel() for p in part.parameters())
    print(f"{name:<5} {type(part).__name__:<11} {count:>12,}")
print(f"lm_head {type(gpt2.lm_head).__name__}")

# %% [markdown]
# Text passes through them from top to bottom:
#
# ![GPT-2 as a stack: token ids, the tables wte and wpe, 12 blocks, a norm, the head.
# The shape stays batch x time x 768 until the head makes it 50,257 wide.](drawing:gpt2_from_top_to_bottom)
#
# Between the tables and the blocks is `drop`, the *dropout*: while the model trains, it
# sets some numbers to 0, other ones each time, so that nothing relies on a single one.
# Drop a quarter of eight ones.

# %%
ones = torch.ones(8)
dropout = torch.nn.Dropout(0.25)
torch.manual_seed(0)
print("in training: ", [round(x, 2) for x in dropout(ones).tolist()])
print(f"mean of many: {dropout(torch.ones(100_000)).mean():.2f}")
print("after eval():", dropout.eval()(ones).tolist())

# %% [markdown]
# What stays is divided by 0.75, so the mean stays 1, and `eval()` switches dropout off.
# GPT-2 drops a tenth, here and in each block. Today's models read most texts only once,
# learn little of them by heart, and are mostly trained without dropout.
#
# ## 2. Count them by hand
#
# Start with the two tables that come first. `wte` has one row of 768 numbers for each
# token, the token's *embedding*, and `wpe` one for each position.
#
# What do the numbers in a row mean? At first nothing: they are random. Training gives
# similar rows to tokens that occur in similar places. (The numbers drawn are tiny's.)
#
# ![Three tokens have the ids 981, 1910 and 1606. Each id picks one row of a table, and
# that row is the token's vector.](drawing:an_embedding_is_a_row)

# %% tags=["nbval-check-output"]
V, T, d, L = config.vocab_size, config.n_positions, config.n_embd, config.n_layer
tokens_table = V * d
positions_table = T * d
print(f"wte {tokens_table:>12,}  {tuple(gpt2.transformer.wte.weight.shape)}")
print(f"wpe {positions_table:>12,}  {tuple(gpt2.transformer.wpe.weight.shape)}")

# %% [markdown]
# Nearly a third of all parameters sit in the first table. That is why a small model
# gets a small vocabulary.
#
# Now one block. Print the shapes of its parameters before you count them.

# %%
block = gpt2.transformer.h[0]
for name, parameter in block.named_parameters():
    print(f"{name:<20} {tuple(parameter.shape)}")

# %% [markdown]
# *Attention* multiplies each token's vector with three matrices, which gives three new
# vectors: a query, a key and a value. Section 6 shows what for. `c_attn` holds all three
# matrices in one, of shape 768 x 2304, and a *bias*, 2304 numbers that are added to the
# product. `c_proj` mixes the result. (GPT-2 stores a matrix as inputs x outputs.
# PyTorch's own `Linear` has it the other way round.)

# %% tags=["nbval-check-output"]
attention = (d * 3 * d + 3 * d) + (d * d + d)
print(f"attention {attention:>10,}")
assert attention == sum(p.numel() for p in block.attn.parameters())

# %% [markdown]
# The *MLP* (multi-layer perceptron) widens each vector to four times its length, bends
# it with a function called GELU, and narrows it again. In the wide middle each of the
# 3,072 numbers can respond to something else about the token, and the second matrix says
# what to add if it does. Without the bend, two matrices in a row could do no more than
# one.
#
# ![GELU against ReLU. Both let large numbers pass and hold negative ones back. GELU
# bends softly and dips a little below 0.](drawing:gelu_and_relu)

# %% tags=["nbval-check-output"]
mlp = (d * 4 * d + 4 * d) + (4 * d * d + d)
print(f"mlp       {mlp:>10,}")
assert mlp == sum(p.numel() for p in block.mlp.parameters())

# %% [markdown]
# A block adds to its numbers, the next block adds more, and so they grow. A *layer norm*
# brings each vector back to a mean of 0 and a spread of 1, so that every part is given
# numbers of a size it can work with. Then each of the 768 numbers gets a scale and a
# shift, which are learned. A block has two such norms.
#
# ![Four numbers, 2, 8, -4 and 6. Less their mean 3, divided by their spread 4.58, they
# are -0.22, 1.09, -1.53 and 0.65.](drawing:layer_norm_in_numbers)

# %% tags=["nbval-check-output"]
norms = 2 * (d + d)
print(f"norms     {norms:>10,}")
print(f"one block {attention + mlp + norms:>10,}")

# %% [markdown]
# Twelve blocks, and one more norm at the end. What does the head add? Nothing: it uses
# the table of tokens again (section 4). So the sum should be 124,439,808.

# %% tags=["nbval-check-output"]
final_norm = d + d
total = tokens_table + positions_table + L * (attention + mlp + norms) + final_norm
print(f"{total:,}")
assert total == gpt2.num_parameters() == 124_439_808

# %% [markdown]
# ![The parameters of GPT-2 as areas: token table 38.6 million, attention 28.3, MLP
# 56.7, and a thin strip for positions and norms.](drawing:gpt2_parameters_to_scale)
#
# Biases and norms hardly count. Without them, a block has 4 d² parameters for attention
# and 8 d² for the MLP. So a good rule is: 12 times layers times width squared, and the
# table of tokens. Check the rule on the four published sizes.

# %% tags=["nbval-check-output"]
from course_utils.model.gpt2 import PRESETS

for name in ("gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl"):
    size = PRESETS[name]
    with torch.device("meta"):
        exact = GPT2LMHeadModel(GPT2Config(**size)).num_parameters()
    n_embd = size["n_embd"]
    rule = 12 * size["n_layer"] * n_embd**2 + size["vocab_size"] * n_embd
    print(f"{name:<12} rule {rule / 1e6:7.1f} M, exact {exact / 1e6:7.1f} M")

# %% [markdown]
# The rule misses by less than 1 percent. OpenAI's paper says 117M, 345M, 762M and
# 1542M. OpenAI later called these counts wrong, but you will still see them quoted.
#
# ![Four squares whose areas are the parameters of the published sizes: 124, 355, 774
# and 1,558 million.](drawing:four_sizes_to_scale)
#
# ## 3. A configuration that ignores you
#
# You want a shorter, flatter model. Old code calls the length `n_ctx`, and `n_layers`
# sounds right.

# %% tags=["nbval-check-output"]
wished = GPT2Config(n_ctx=256, n_layers=4)
print("positions:", wished.n_positions)
print("layers:   ", wished.n_layer)

# %% [markdown]
# No error, no warning, and the full size. `GPT2Config` keeps any name it does not know
# as an extra note, and goes on with its defaults. You would notice when the training
# takes three times as long as planned, if at all. The right names are these:

# %% tags=["nbval-check-output"]
right = GPT2Config(n_positions=256, n_layer=4)
print("positions:", right.n_positions)
print("layers:   ", right.n_layer)

# %% [markdown]
# So count parameters after you build a model. A wrong count is the cheapest warning you
# will get. The course's `preset` also refuses names that do not exist.

# %% tags=["nbval-check-output"]
from course_utils.model.gpt2 import preset

for wrong in ({"n_ctx": 256}, {"n_layers": 4}, {"n_head": 7}):
    try:
        preset("gpt2", **wrong)
    except CourseError as error:
        print(error)

# %% [markdown]
# The third one is another rule: the heads share the width evenly, so `n_embd` must be a
# multiple of `n_head`.
#
# ## 4. One table, used twice
#
# The first table turns a token into a vector. The head has to do the opposite: it
# compares a vector with every token. GPT-2 uses the same numbers for both. This is
# *weight tying*.
#
# ![One table, used at both ends: it gives a token its vector, and it gives a vector a
# score for each token.](drawing:one_table_used_twice)

# %% tags=["nbval-check-output"]
print(gpt2.lm_head.weight is gpt2.transformer.wte.weight)
with torch.device("meta"):
    untied = GPT2LMHeadModel(GPT2Config(tie_word_embeddings=False))
print(f"tied   {gpt2.num_parameters():>12,}")
print(f"untied {untied.num_parameters():>12,}")

# %% [markdown]
# Untied, there would be 38.6 million more to store and to train. You can meet that
# number by accident, too: `state_dict` lists the table under both of its names, and a
# sum over it counts it twice.

# %% tags=["nbval-check-output"]
print(f"{sum(tensor.numel() for tensor in gpt2.state_dict().values()):,}")

# %% [markdown]
# ## 5. A model with weights
#
# Now build the model of your profile. In tiny it is a GPT-2 with the same parts and
# smaller sizes; on a GPU it is GPT-2 itself. Its weights are drawn at random; `set_seed`
# makes them the same ones each time.

# %%
from transformers import set_seed

set_seed(profile.seed)
model = GPT2LMHeadModel(GPT2Config(**profile.model)).eval()
for field in ("vocab_size", "n_positions", "n_embd", "n_layer", "n_head"):
    print(f"{field:<12} {getattr(model.config, field):>7,}")
print(f"{'parameters':<12} {model.num_parameters():>7,}")

# %% [markdown]
# Your profile changes a few more fields. `activation_function` is `gelu_pytorch_tanh`,
# the same function as GPT-2's `gelu_new`, computed in one step. And after `eval()` two
# calls give the same numbers.
#
# Give it a sentence, and follow the shapes. In `(batch, time)`, batch is the number of
# texts that are read at once, here 1, and time the number of their tokens.

# %%
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(profile.tokenizer)
sentence = "The cat sat on the mat."
ids = tokenizer(sentence, return_tensors="pt")["input_ids"]  # (1, time)
words = [tokenizer.decode([token]) for token in ids[0]]
print(words)
print(tuple(ids.shape))

# %% [markdown]
# First come the two tables. Attention compares vectors, and does not see where in the
# text they stand. So each token's vector gets the vector of its position added to it,
# and the same word has another vector in another place.

# %%
positions = torch.arange(ids.shape[1])  # (time,)
with torch.no_grad():
    x = model.transformer.wte(ids) + model.transformer.wpe(positions)
print(tuple(x.shape))  # (batch, time, n_embd)

# %% [markdown]
# There are rows for `n_positions` positions and no more. A longer text has nowhere to
# look.

# %%
too_long = torch.zeros(1, model.config.n_positions + 1, dtype=torch.long)
try:
    model(too_long)
except IndexError as error:
    print("IndexError:", error)

# %% [markdown]
# The message does not say what is too long. Remember it: it means more tokens than
# `n_positions`, or a token id beyond `vocab_size`.
#
# A row that no training text reaches learns nothing. In the tiny profile, lesson 05
# trains on blocks of 128 tokens: of the 256 rows, the last 128 stay random. So do not
# let that model read more than 128.
#
# ## 6. Attention, step by step
#
# The next token depends on others, often far back. Attention lets a token take
# something from them. Again one vector comes out for each token, now with its context
# in it. Build it in four stages.
#
# **A mean** is the simplest way to take something from others:
#
# ![Each new vector is the plain mean of its own and those before it: 1, then halves,
# thirds and quarters.](drawing:attention_as_an_average)
#
# **Queries and keys.** A mean treats all alike. Let each token choose instead, as in a
# search. Its *query* says what it looks for. Each token's *key* says what it can be
# found by, and its *value* is what it hands over. The better a key fits the query, the
# more of that value is taken.
#
# Why are query and key two vectors, and not one? What a token looks for is not what it
# is: a verb looks for a noun. With one vector for both, a noun would look for verbs just
# as much.
#
# ![The query of ' sat' meets the keys of three tokens. The scores 0.71, 2.47 and 0.00
# become weights: 0.14, 0.80 and 0.07 of their values.](drawing:a_query_meets_the_keys)
#
# The *softmax* turns scores into weights: it takes e to the power of each score, and
# divides each of these by their sum. So all weights are positive, and add up to 1.
#
# Take the first block. First it norms its input. Do that by hand, too. (0.00001 keeps
# it from dividing by 0. Scales are still 1 and shifts 0.)

# %%
block = model.transformer.h[0]
mean = x.mean(dim=-1, keepdim=True)  # (batch, time, 1)
variance = x.var(dim=-1, keepdim=True, unbiased=False)  # the spread, squared
by_hand = (x - mean) / (variance + 1e-5).sqrt()  # (batch, time, n_embd)
with torch.no_grad():
    normed = block.ln_1(x)
print(f"largest difference: {(by_hand - normed).abs().max():.1e}")

# %% [markdown]
# Then one matrix makes queries, keys and values, for all tokens at once.

# %%
with torch.no_grad():
    qkv = normed @ block.attn.c_attn.weight + block.attn.c_attn.bias
print(tuple(qkv.shape))  # (batch, time, 3 * n_embd)

# %% [markdown]
# **Several heads.** One set of weights can follow one question only. So all vectors are
# cut into *heads*. Each head attends with its own few numbers, and may look for
# something else.
#
# ![A vector of 128 numbers is cut into four parts of 32. Four heads attend, each with
# its own queries, keys and values. Their results are put side by side and mixed.](drawing:four_heads_side_by_side)

# %%
def split_heads(tensor, n_head):
    batch, time, n_embd = tensor.shape
    return tensor.view(batch, time, n_head, n_embd // n_head).transpose(1, 2)


n_head = model.config.n_head
query, key, value = [split_heads(part, n_head) for part in qkv.chunk(3, dim=-1)]
print(tuple(query.shape))  # (batch, n_head, time, head_dim)

# %% [markdown]
# How well does a query fit a key? Multiply them number by number and add up. This *dot
# product* is large when the two point the same way. Here ' sat' asks in the first head.

# %%
sat = query[0, 0, 2]  # (head_dim,)
for t in range(3):
    product = (sat * key[0, 0, t]).sum().item()
    print(f"{words[2]!r} asks {words[t]!r}: {product:.3f}")

# %% [markdown]
# `@` does the same for every pair of tokens in every head, so each head gets a table of
# time x time scores. Row 2 of the first table begins with the three products.
#
# More dimensions (`head_dim`) make larger scores, typically by their root. So the scores
# are divided by that root. Otherwise the softmax would give nearly all weight to one
# token, and training could hardly change its mind.

# %%
head_dim = query.shape[-1]
scores = query @ key.transpose(-2, -1) / head_dim**0.5
print(tuple(scores.shape))  # (batch, n_head, time, time)
print("' sat' in the first head, times the root:", end=" ")
print([f"{score:.3f}" for score in (scores[0, 0, 2, :3] * head_dim**0.5).tolist()])

# %% [markdown]
# ### The causal mask
#
# **The mask** is the last stage. So far each token has a score for every other. But the
# model is trained to predict the next token at all positions at once, and a token that
# could look ahead would read the answer. So everything to the right of the diagonal is
# forbidden.
#
# ![A table of scores with minus infinity to the right of the diagonal. After the
# softmax each row adds up to 1, and what lies to the right is 0.](drawing:the_mask_and_the_weights)
#
# Read it by rows. The first token sees itself only, and the last one sees all. A
# forbidden score becomes minus infinity. e to that power is 0, and so its weight is
# exactly 0.

# %%
time = ids.shape[1]
allowed = torch.tril(torch.ones(time, time, dtype=torch.bool))  # (time, time)
masked = scores.masked_fill(~allowed, float("-inf"))
weights = masked.softmax(dim=-1)  # (batch, n_head, time, time)
sums = weights.sum(dim=-1)  # (batch, n_head, time)
print(f"rows sum to {sums.min():.4f} to {sums.max():.4f}")
print("most weight on a later token:", weights.triu(diagonal=1).max().item())

# %% [markdown]
# Rows sum to 1, and nothing is left for later tokens. Why not set the weights to 0 after
# the softmax, which looks simpler?

# %%
late = scores.softmax(dim=-1) * allowed
sums = late.sum(dim=-1, keepdim=True)  # (batch, n_head, time, 1)
print(f"rows sum to {sums.min():.2f} to {sums.max():.2f}")
print(f"divided by their sums: off by {(late / sums - weights).abs().max():.1e}")

# %% [markdown]
# The rows no longer sum to 1. What they lack went to the later tokens, so it tells how
# well these fit: the future leaks in after all. Divide by the sums, and both ways are
# equal. Minus infinity does it in one step.
#
# Draw the weights of the first head.

# %%
from course_utils.evaluation import plots

figure = plots.matrix(
    weights[0, 0].tolist(),
    title="Attention of one head, before training",
    xticks=words,
    yticks=words,
    xlabel="looked at",
    ylabel="looking",
)

# %% [markdown]
# An untrained head looks evenly at all it may see, since its scores are near 0: 1 in the
# first row, about 1/2 in the second, 1/3 in the third. Training will make it choose.
# (These weights are no parameters: they are computed anew for each text. What training
# changes are the matrices that make queries, keys and values.)
#
# The rest is short. Take the weighted mean of the values, put the heads side by side
# again, and mix them.

# %%
mixed = (weights @ value).transpose(1, 2).flatten(2)  # (batch, time, n_embd)
with torch.no_grad():
    attended = mixed @ block.attn.c_proj.weight + block.attn.c_proj.bias
    theirs = block.attn(normed)[0]
print(f"largest difference: {(attended - theirs).abs().max():.1e}")
assert torch.allclose(attended, theirs, atol=1e-5)

# %% [markdown]
# That is the library's attention, to within rounding. Scores, mask, softmax and mean are
# also one function of PyTorch. On a GPU it is faster, and never stores the table.

# %%
from torch.nn.functional import scaled_dot_product_attention

at_once = scaled_dot_product_attention(query, key, value, is_causal=True)
print(f"largest difference: {(at_once - weights @ value).abs().max():.1e}")

# %% [markdown]
# ### What a trained head looks at
#
# "Training will make it choose" is a claim, so look at a model that has been trained:
# the pretrained one of your profile. This is a head of tiny's third block over a short
# chat, one token after the other:
#
# ![Nine tokens of a chat ask in turn. Six give 75 to 100 percent of their look to the
# token before, the first two all of it to themselves, and the second colon 65 percent
# to the line break before the name.](drawing:a_head_reads_a_chat)
#
# Six of these nine look at the token just before them. The last colon looks past the
# name: most of its weight goes to the line break.
#
# Now a longer chat, and all heads. The model gives its weights if you ask for them, and
# computes them step by step as you did ("eager"), since the one function stores none.

# %%
from course_utils.model.gpt2 import load

trained, its_tokenizer = load(profile.pretrained)
trained.eval().set_attn_implementation("eager")
chat = "Anna: Are you coming to the party?\nTom: Yes! See you there, Anna."
chat_ids = its_tokenizer(chat, return_tensors="pt")["input_ids"]  # (1, time)
with torch.no_grad():
    maps = trained(chat_ids, output_attentions=True).attentions
heads = torch.cat(maps).flatten(0, 1)  # (n_layer * n_head, time, time)
print(tuple(heads.shape))

# %% [markdown]
# Which head has the simplest habit? Take the mean weight that each gives to the token
# just before its own, and draw the one with the most.

# %%
just_before = heads.diagonal(offset=-1, dim1=1, dim2=2).mean(dim=1)  # (heads,)
found = just_before.argmax().item()
print(f"head {found} of {len(heads)}: {just_before[found]:.0%} on the token before")
names = [repr(its_tokenizer.decode([token]))[1:-1] for token in chat_ids[0]]
figure = plots.matrix(
    heads[found].tolist(),
    title="Attention of one head over a chat, after training",
    xticks=names,
    yticks=names,
    xlabel="looked at",
    ylabel="looking",
)

# %% [markdown]
# <!-- figure: head 60 100 -->
# In tiny, expect 60 to 100 percent. Nobody told this head to look one token back. To
# know what may come next, the model has to know what came just before, and so one head
# learned to fetch it. Draw others: change `found`.
#
# Its embeddings are trained, too. Section 2 said that similar tokens get similar rows.
# Which rows point most nearly the way of the one for " Monday"?

# %%
rows = trained.transformer.wte.weight.detach()  # (vocab, n_embd)
rows = rows / rows.norm(dim=1, keepdim=True)  # each of length 1
monday = its_tokenizer(" Monday")["input_ids"][0]
nearest = (rows @ rows[monday]).topk(7).indices[1:]  # without itself
print([its_tokenizer.decode([token]) for token in nearest])

# %% [markdown]
# In tiny these are the other six days. Nobody told it what a day is.
#
# ![A text in tokens. Block 4's last head looks from its last token at the name Ben, and
# the next token is Ben with 63 percent, Anna with 36.](drawing:the_live_writer)
#
# <!-- live: writer -->
#
# ## 7. A GPT-2 of your own
#
# Here are the same steps as a module of your own. Its parts have the names that they
# have in GPT-2, and you will see why. Dropout is left out. `causal=False` leaves out the
# mask. You will need that in a moment.

# %%
from torch import nn


class Attention(nn.Module):
    def __init__(self, n_embd, n_head, causal=True):
        super().__init__()
        self.n_head, self.causal = n_head, causal
        self.c_attn = nn.Linear(n_embd, 3 * n_embd)
        self.c_proj = nn.Linear(n_embd, n_embd)

    def forward(self, x):  # (batch, time, n_embd)
        parts = self.c_attn(x).chunk(3, dim=-1)
        query, key, value = (split_heads(part, self.n_head) for part in parts)
        scores = query @ key.transpose(-2, -1) / query.shape[-1] ** 0.5
        if self.causal:
            time = x.shape[1]
            later = torch.ones(time, time, dtype=torch.bool).triu(diagonal=1)
            scores = scores.masked_fill(later, float("-inf"))
        mixed = scores.softmax(dim=-1) @ value  # (batch, n_head, time, head_dim)
        return self.c_proj(mixed.transpose(1, 2).flatten(2))

# %% [markdown]
# A block does two things: attention, where tokens exchange, and an MLP, where each
# token works alone. Both results are *added* to what was there.
#
# ![A block: the stream x goes straight up. Beside it LayerNorm and attention, then
# LayerNorm and MLP, each add their result to it.](drawing:a_block)
#
# These sums are called *residual connections*. Training sends its corrections back from
# the loss to the first block. What has to pass through every part on the way may fade.
# The sums pass it on whole.
#
# ![A straight line from the embeddings to the head. Twelve blocks read from it and add
# to it.](drawing:the_residual_stream)
#
# See it in 24 MLPs, since 12 blocks add 24 times. Their weights are random and small, as
# GPT-2's are at the start. `backward` finds out how much a number at the end would
# change with each weight. This is the weight's *gradient*, and `grad` keeps it. How
# large are those of each MLP?

# %%
def gradients(sums):
    torch.manual_seed(0)
    x, mlps = torch.randn(16, 128), []  # (tokens, n_embd)
    for _ in range(24):
        up, down = nn.Linear(128, 512), nn.Linear(512, 128)
        for layer in (up, down):
            nn.init.normal_(layer.weight, std=0.02)
        mlps.append(nn.Sequential(nn.LayerNorm(128), up, nn.GELU(), down))
    for mlp in mlps:
        x = x + mlp(x) if sums else mlp(x)
    x.square().mean().backward()  # stands in for a loss
    return [mlp[1].weight.grad.norm().item() for mlp in mlps]


for name, sums in (("with the sums", True), ("without", False)):
    sizes = gradients(sums)
    some = "  ".join(f"{size:.1e}" for size in sizes[::-1][::6])
    print(f"{name}: the last has {sizes[-1] / sizes[0]:.1f} times the first's gradient")
    print(f"  MLPs 24, 18, 12 and 6: {some}")

# %% [markdown]
# <!-- figure: without: the last has #1 10 100 -->
# Without the sums, the last MLP hears 10 to 100 times as much from the end as the
# first: on its way back the gradient fades. With the sums, the first hears as much as
# the last.
#
# Each norm stands before its part, beside the straight line. In the first transformers
# it stood on the line, after the sum, and deep models were harder to train.

# %%
from torch.nn.functional import gelu


class Block(nn.Module):
    def __init__(self, n_embd, n_head, causal=True):
        super().__init__()
        self.ln_1 = nn.LayerNorm(n_embd)
        self.attn = Attention(n_embd, n_head, causal)
        self.ln_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.ModuleDict({
            "c_fc": nn.Linear(n_embd, 4 * n_embd),
            "c_proj": nn.Linear(4 * n_embd, n_embd),
        })

    def forward(self, x):  # (batch, time, n_embd)
        x = x + self.attn(self.ln_1(x))
        hidden = gelu(self.mlp["c_fc"](self.ln_2(x)), approximate="tanh")
        return x + self.mlp["c_proj"](hidden)

# %% [markdown]
# Then the whole model is a few lines: tables, blocks, norm, and the table of tokens
# once more. The scores that come out are called *logits*. Each position has a row of
# them, since each predicts the token after it.

# %%
class GPT(nn.Module):
    def __init__(self, config, causal=True):
        super().__init__()
        sizes = (config.n_embd, config.n_head, causal)
        self.wte = nn.Embedding(config.vocab_size, config.n_embd)
        self.wpe = nn.Embedding(config.n_positions, config.n_embd)
        self.h = nn.ModuleList(Block(*sizes) for _ in range(config.n_layer))
        self.ln_f = nn.LayerNorm(config.n_embd)

    def forward(self, ids):  # (batch, time)
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1]))
        for block in self.h:
            x = block(x)
        return self.ln_f(x) @ self.wte.weight.T  # (batch, time, vocab)


own = GPT(model.config)
print(f"{sum(p.numel() for p in own.parameters()):,} parameters")
assert sum(p.numel() for p in own.parameters()) == model.num_parameters()

# %% [markdown]
# As many as the library's. Since the names agree, its weights fit in, and
# `load_state_dict` complains of any that does not. Only the matrices lie the other way
# round (section 2).

# %%
def take_weights(own, theirs):
    weights = theirs.transformer.state_dict()
    for name, tensor in weights.items():
        if name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
            weights[name] = tensor.T
    own.load_state_dict(weights)
    return own.eval()


def largest_difference(own, theirs, ids):
    with torch.no_grad():
        return (own(ids) - theirs.eval()(ids).logits).abs().max().item()


take_weights(own, model)
print(f"largest difference: {largest_difference(own, model, ids):.1e}")
assert largest_difference(own, model, ids) < 1e-5

# %% [markdown]
# You have written GPT-2. Does it take trained weights as well? Here are the pretrained
# ones of your profile: with the Hub these are OpenAI's, and your code runs them.

# %%
runs_gpt2 = take_weights(GPT(trained.config), trained)
difference = largest_difference(runs_gpt2, trained, chat_ids)
size = runs_gpt2(chat_ids).abs().max().item()
print(f"largest difference: {difference:.1e}, largest logit {size:.0f}")
assert difference < 1e-5 * max(size, 1)

# %% [markdown]
# Larger numbers round more coarsely, so the difference is held against the largest
# logit.
#
# ### It writes
#
# The softmax of the last row of logits is the chance of each token to come next. Divide
# the logits by a *temperature* first, and the chances move.

# %%
start = its_tokenizer(chat.split(" Yes")[0], return_tensors="pt")["input_ids"]
with torch.no_grad():
    logits = runs_gpt2(start)[:, -1]  # (1, vocab): after "Tom:"
for temperature in (0.5, 1.0, 2.0):
    p, best = (logits / temperature).softmax(dim=-1)[0].topk(4)
    words_of = [repr(its_tokenizer.decode([token])) for token in best]
    shown = [f"{word} {x:.2f}" for word, x in zip(words_of, p, strict=True)]
    print(f"temperature {temperature}: {', '.join(shown)}")

# %% [markdown]
# Below 1 the likely tokens become likelier, above 1 all become more alike. `choose`
# draws one. With *top-k* it draws from the k likeliest only: the others are masked, as
# the future was. `write` appends the token, and asks again.

# %%
def choose(logits, temperature=1.0, top_k=None):  # logits: (1, vocab)
    if top_k:
        least = logits.topk(top_k).values[:, -1:]  # the last of the k
        logits = logits.masked_fill(logits < least, float("-inf"))
    chances = (logits / temperature).softmax(dim=-1)
    return torch.multinomial(chances, num_samples=1)  # (1, 1)


def write(model, ids, count, **how):  # ids: (1, time)
    with torch.no_grad():
        for _ in range(count):
            ids = torch.cat([ids, choose(model(ids)[:, -1], **how)], dim=1)
    return ids


for how in ({"top_k": 1}, {"top_k": 50, "temperature": 0.7}, {"temperature": 2.0}):
    set_seed(0)
    text = write(runs_gpt2, start, count=16, **how)[0, start.shape[1] :]
    print(how, repr(its_tokenizer.decode(text)))

# %% [markdown]
# With `top_k=1` only the likeliest token is left: this is *greedy*, and the same each
# time. The last line draws from all tokens, at chances much more alike. Lesson 08 asks
# which way suits a summary.
#
# ### It learns
#
# The *loss* is the number that training makes smaller: the negative logarithm of the
# probability that the model gave to the right token, on average. Let your model learn
# one sentence by heart. In the loop, `backward` finds out in which direction each
# parameter should change, `step` changes it a little, and `zero_grad` clears the
# gradients for the next round. Lessons 04 and 05 take it apart.

# %%
from torch.nn.functional import cross_entropy


def next_token_loss(model, ids):
    logits = model(ids)[:, :-1]  # (batch, time - 1, vocab): a guess for each next token
    return cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())


def learn(model, batches, learning_rate):
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    losses = []
    for batch in batches:
        loss = next_token_loss(model, batch)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


losses = learn(own, [ids] * 30, profile.learning_rate)
print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}")

# %% [markdown]
# Give it the first token, and let it go on.

# %%
written = write(own, ids[:, :1], count=ids.shape[1] - 1, top_k=1)
print(tokenizer.decode(written[0]))
assert torch.equal(written, ids)

# %% [markdown]
# ### No token sees the future
#
# Now test the mask. Change the last token of the sentence. The scores at the positions
# before it may not move.

# %%
changed = ids.clone()
changed[0, -1] = (ids[0, -1] + 1) % model.config.vocab_size
with torch.no_grad():
    for causal in (True, False):
        gpt = take_weights(GPT(model.config, causal), model)
        moved = (gpt(ids) - gpt(changed))[:, :-1]  # at the positions before the last
        print(f"causal={causal!s:<6} largest change: {moved.abs().max():.1e}")

# %% [markdown]
# With the mask the change is 0. Without it, the end of the sentence leaks into its
# beginning.
#
# How bad is that? Let two toys learn random digits, new ones in each step. Nobody can
# predict random digits. The best honest guess gives each of them 1/10, so the best
# honest loss is -ln(1/10) = 2.30.

# %%
def learn_digits(causal):
    set_seed(0)
    shape = {"n_positions": 8, "n_embd": 32, "n_layer": 1, "n_head": 1}
    start = GPT2LMHeadModel(GPT2Config(vocab_size=10, **shape))
    toy = take_weights(GPT(start.config, causal), start)
    digits = (torch.randint(10, (64, 8)) for _ in range(60))  # each (batch, time)
    return learn(toy, digits, learning_rate=1e-2)[-1]


print(f"with the mask:    {learn_digits(causal=True):.2f}")
print(f"without the mask: {learn_digits(causal=False):.2f}")

# %% [markdown]
# Without the mask, it "predicts" digits that nobody can know. It has learned to copy
# the next one. At writing time there is no next one yet, so such a model is of no use.
# When a loss is too good to be true, look for the answer among the inputs.
#
# ## 8. What an untrained model knows
#
# Its weights are small random numbers. How small?

# %%
print(f"wte             {model.transformer.wte.weight.std():.4f}")
print(f"attn.c_attn     {block.attn.c_attn.weight.std():.4f}")
print(f"attn.c_proj     {block.attn.c_proj.weight.std():.4f}")
print(f"0.02 / sqrt(2L) {0.02 / (2 * model.config.n_layer) ** 0.5:.4f}")

# %% [markdown]
# Their standard deviation is 0.02. The matrices that write into the residual sum start
# smaller, since 2 L of them are added up: two in each of the L blocks.
#
# With such weights all scores are near 0, and each of the V tokens gets a probability
# of about 1/V. The loss is the negative logarithm of the right token's probability. So
# predict it: -ln(1/V) = ln(V).

# %%
import math

with torch.no_grad():
    loss = model(input_ids=ids, labels=ids).loss.item()
print(f"predicted {math.log(model.config.vocab_size):.2f}")
print(f"measured  {loss:.2f}")

# %% [markdown]
# It should be within 0.3. The size of the weights is what brings it there. Make them
# larger, and the model is sure of random things, which costs more than guessing. (Each
# model below draws new weights, so the first loss differs a little from the one above.)

# %%
for initializer_range in (0.02, 0.2, 1.0):
    config = GPT2Config(**profile.model, initializer_range=initializer_range)
    with torch.no_grad():
        loss = GPT2LMHeadModel(config).eval()(input_ids=ids, labels=ids).loss
    print(f"weights of {initializer_range:<4} first loss {loss:6.2f}")

# %% [markdown]
# A first loss far from ln(V) means that something is wrong before training begins. You
# will check this in every run.
#
# ### The real GPT-2, untrained
#
# Build the 124 million for once, with memory behind it. In float32 a number takes 4
# bytes, so expect about 500 MB.

# %%
set_seed(0)
untrained = GPT2LMHeadModel(
    GPT2Config(vocab_size=50257, n_positions=1024, n_embd=768, n_layer=12, n_head=12)
).eval()
print(f"{sum(p.nbytes for p in untrained.parameters()) / 1e6:.0f} MB")

# %% [markdown]
# Its tokenizer has 50,257 tokens. What loss do you expect now? ln(50,257) is 10.82.

# %%
from course_utils.data.tokens import gpt2_tokenizer

gpt2_tokens = gpt2_tokenizer()
random_ids = torch.randint(len(gpt2_tokens), (1, 64))  # (1, 64)
with torch.no_grad():
    loss = untrained(input_ids=random_ids, labels=random_ids).loss.item()
print(f"{len(gpt2_tokens):,} tokens, first loss {loss:.2f}")

# %% [markdown]
# It should be at most 0.3 above ln(V). The tokens were drawn at random, since to a
# model that knows nothing all texts are equally hard. Now let it write. (The library's
# model returns its logits in an object.)

# %%
set_seed(1)
text = gpt2_tokens(sentence, return_tensors="pt")["input_ids"]  # (1, time)
text = write(lambda ids: untrained(ids).logits, text, count=12)
print(gpt2_tokens.decode(text[0]))

# %% [markdown]
# Many of the words are real, for tokens are words and pieces of words. Which of them
# come is chance: it draws from 50,257 tokens nearly evenly. This is the starting point
# of all training, and lesson 05 begins here.
#
# Behind `model.generate` is the loop of `write`, with a cache that saves it from reading
# the whole text again for each token.
#
# ## Key takeaways
#
# - Five numbers make a GPT-2. 12 x layers x width², and the table of tokens, give the
#   published sizes to 1 percent.
# - `GPT2Config` ignores names it does not know. Count parameters after building.
# - The head is the table of tokens: tied weights.
# - Attention is a weighted mean of values. The weights come from queries and keys, and
#   the causal mask keeps them from the future.
# - A block adds attention and then an MLP to what was there. The sums carry the gradient.
# - Writing is a loop: logits, chances, one token, and again. Temperature and top-k change
#   the chances.
# - Your own module takes GPT-2's weights, since its parts have the same names and
#   shapes.
# - An untrained model has a loss of about ln(V), because its weights are small.
#
# The table at the top says what this lesson takes on a quiet machine. Here it took:

# %%
from course_utils import finish_lesson

finish_lesson()

# %% [markdown]
# ## Quiz

# %% tags=["quiz"]
from jupyterquiz import display_quiz

display_quiz([
    {
        "question": "GPT2Config(n_ctx=512) builds a model with how many positions?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "1,024", "correct": True,
             "feedback": "Yes. The name is n_positions. Unknown ones are ignored."},
            {"answer": "512", "correct": False,
             "feedback": "n_ctx is not a field any more. It is kept and not used."},
            {"answer": "None, it raises an error.", "correct": False,
             "feedback": "It should, but it takes any name without a word."},
        ],
    },
    {
        "question": "A sum over state_dict() gives 163 million for GPT-2. Why?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "It lists the tied table twice.", "correct": True,
             "feedback": "Yes: as wte.weight and as lm_head.weight."},
            {"answer": "It was saved without tying.", "correct": False,
             "feedback": "Tied or not, state_dict names both."},
            {"answer": "It holds the optimizer's state too.", "correct": False,
             "feedback": "That has a state_dict of its own, twice the model's size."},
            {"answer": "It counts the causal mask.", "correct": False,
             "feedback": "The mask has no parameters and is not saved."},
        ],
    },
    {
        "question": "You forget the causal mask in training. What do you see?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "A loss that is too good to be true.", "correct": True,
             "feedback": "Yes. It copies the next token, which is in sight."},
            {"answer": "A loss that stays at ln(V).", "correct": False,
             "feedback": "It falls faster than ever, far below what is possible."},
            {"answer": "An error about shapes.", "correct": False,
             "feedback": "All shapes stay the same. Nothing warns you."},
            {"answer": "A better model: it sees more.", "correct": False,
             "feedback": "Only while it is given the text it should predict."},
        ],
    },
    {
        "question": "You double n_embd. The blocks' parameters grow by a factor of ...",
        "type": "multiple_choice",
        "answers": [
            {"answer": "about 4", "correct": True,
             "feedback": "Yes: 12 x layers x width². The tables only double."},
            {"answer": "about 2", "correct": False,
             "feedback": "True of the tables. A matrix grows on both sides."},
            {"answer": "about 8", "correct": False,
             "feedback": "The width comes squared, not cubed."},
            {"answer": "1: heads get narrower instead", "correct": False,
             "feedback": "That happens if you double n_head and leave n_embd."},
        ],
    },
    {
        "question": "The first loss of your GPT-2 is 38. What is the likeliest cause?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "The random weights are too large.", "correct": True,
             "feedback": "Yes. It is sure of random things: worse than guessing."},
            {"answer": "It has not been trained yet.", "correct": False,
             "feedback": "An untrained GPT-2 has ln(50,257) = 10.8."},
            {"answer": "The text is very hard.", "correct": False,
             "feedback": "To a model that guesses, all texts are equally hard."},
            {"answer": "The model is too small.", "correct": False,
             "feedback": "The first loss depends on the vocabulary, not on size."},
        ],
    },
])

# %% [markdown]
# ## Exercise
#
# In [exercise 3](../exercises/ex03_build_the_model.ipynb) you write the count, the mask
# and the attention yourself, and each is checked. The next lesson is [4.
# Infrastructure](04_infrastructure.ipynb).
#
# ## Further reading
#
# - Radford et al. (2019), *Language Models are Unsupervised Multitask Learners*: GPT-2;
#   section 2.3 has the changes to the block, table 2 the sizes.
# - Vaswani et al. (2017), [*Attention Is All You
#   Need*](https://arxiv.org/abs/1706.03762): queries, keys, values and heads.
# - Press and Wolf (2017), [*Using the Output Embedding to Improve Language
#   Models*](https://arxiv.org/abs/1608.05859): weight tying.
# - Hendrycks and Gimpel (2016), [*Gaussian Error Linear
#   Units*](https://arxiv.org/abs/1606.08415): GELU.
# - [The library's
#   GPT-2](https://github.com/huggingface/transformers/blob/main/src/transformers/models/gpt2/modeling_gpt2.py),
#   which you can now read from top to bottom.
