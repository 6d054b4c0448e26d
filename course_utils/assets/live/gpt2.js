// GPT-2 in the browser: text to tokens, tokens to scores for the next one, and back.
//
// It reads the files that Transformers writes (config.json, tokenizer.json,
// model.safetensors) and computes what GPT2LMHeadModel does, one token at a time. The
// names are those of the checkpoint: wte, wpe, ln_1, attn, mlp.

"use strict";

// --- the tokenizer: byte-level byte pair encoding -------------------------------------

// GPT-2's way to cut a text into words; merges never cross their borders.
const WORDS =
  /'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

// The letter that stands for each byte: visible ones for themselves, others from 256 on.
function byteLetters() {
  let next = 256;
  const visible = (b) => (b > 32 && b < 127) || (b > 160 && b < 256 && b !== 173);
  return Array.from({ length: 256 }, (_, b) =>
    String.fromCharCode(visible(b) ? b : next++),
  );
}

class Tokenizer {
  // `description` is what tokenizer.json holds.
  constructor({ model, added_tokens }) {
    this.ids = new Map(Object.entries(model.vocab));
    this.texts = [];
    for (const [text, id] of this.ids) this.texts[id] = text;
    // The earlier a pair of neighbours was learnt, the earlier it is merged.
    this.ranks = new Map(model.merges.map((pair, rank) => [pair.join(" "), rank]));
    this.special = new Map(added_tokens.map((token) => [token.content, token.id]));
    this.letters = byteLetters();
    this.bytes = new Map(this.letters.map((letter, byte) => [letter, byte]));
  }

  encode(text) {
    const escaped = [...this.special.keys()].map((s) => s.replace(/\W/g, "\\$&"));
    const parts = text.split(new RegExp(`(${escaped.join("|")})`));
    return parts.flatMap((part) =>
      this.special.has(part)
        ? [this.special.get(part)]
        : (part.match(WORDS) ?? []).flatMap((word) => this.merge(word)),
    );
  }

  // One word: begin with its bytes, and merge neighbours for as long as a pair is known.
  merge(word) {
    const bytes = new TextEncoder().encode(word);
    const parts = Array.from(bytes, (byte) => this.letters[byte]);
    for (;;) {
      let first = Infinity;
      let place = -1;
      for (let i = 0; i + 1 < parts.length; i++) {
        const rank = this.ranks.get(`${parts[i]} ${parts[i + 1]}`) ?? Infinity;
        if (rank < first) [first, place] = [rank, i];
      }
      if (place < 0) return parts.map((part) => this.ids.get(part));
      parts.splice(place, 2, parts[place] + parts[place + 1]);
    }
  }

  // The bytes of one token; a special token's are those of its own text.
  bytesOf(id) {
    const text = this.texts[id];
    if (this.special.has(text)) return [...new TextEncoder().encode(text)];
    return Array.from(text, (letter) => this.bytes.get(letter));
  }

  // Bytes that are no whole character become the sign for that, U+FFFD.
  decode(ids) {
    const bytes = Uint8Array.from(ids.flatMap((id) => this.bytesOf(id)));
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  }
}

// --- the weights ----------------------------------------------------------------------

// A safetensors file: the length of a JSON header, the header, and the numbers.
function readSafetensors(bytes) {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const tensors = {};
  for (const [name, { dtype, data_offsets }] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const [start, end] = data_offsets.map((offset) => 8 + length + offset);
    const own = bytes.slice(start, end).buffer;
    tensors[name.replace("transformer.", "")] =
      dtype === "F16" ? fromHalves(new Uint16Array(own)) : new Float32Array(own);
  }
  return tensors;
}

// A float16 has a sign, 5 bits of exponent and 10 of fraction. Moved to where a float32
// has them, they stand for a number that is 2^112 times too small.
function fromHalves(halves) {
  const bits = new Uint32Array(halves.length);
  const numbers = new Float32Array(bits.buffer);
  for (let i = 0; i < bits.length; i++) {
    bits[i] = ((halves[i] & 0x8000) << 16) | ((halves[i] & 0x7fff) << 13);
    numbers[i] *= 2 ** 112;
  }
  return numbers;
}

// --- the model ------------------------------------------------------------------------

class GPT2 {
  // `bytes` is what model.safetensors holds.
  constructor(config, bytes) {
    this.config = config;
    this.weights = readSafetensors(bytes);
    // What is known of each token so far: {id, keys, values, attention, stream}, the
    // first three by layer. Later tokens need the keys and values of the earlier ones,
    // so no token is computed twice.
    this.past = [];
  }

  // Return the scores (logits) of every token of the vocabulary to come after `ids`.
  // What `ids` has in common with the text before is not computed again.
  read(ids) {
    let same = 0;
    while (same < ids.length - 1 && this.past[same]?.id === ids[same]) same++;
    this.past.length = same;
    for (const id of ids.slice(same)) this.step(id);
    return this.logits(this.past.at(-1).stream.at(-1));
  }

  // Put one more token through all blocks.
  step(id) {
    const { n_embd: width, n_layer } = this.config;
    const { "wte.weight": wte, "wpe.weight": wpe } = this.weights;
    const place = this.past.length;
    const now = { id, keys: [], values: [], attention: [], stream: [] };
    this.past.push(now);
    let x = wte.slice(id * width, (id + 1) * width);
    now.stream.push(x);
    x = add(x, wpe.subarray(place * width, (place + 1) * width));
    now.stream.push(x);
    for (let layer = 0; layer < n_layer; layer++) {
      x = add(x, this.attend(this.norm(x, `h.${layer}.ln_1`), layer));
      const wide = this.linear(this.norm(x, `h.${layer}.ln_2`), `h.${layer}.mlp.c_fc`);
      x = add(x, this.linear(wide.map(gelu), `h.${layer}.mlp.c_proj`));
      now.stream.push(x);
    }
  }

  // Each head takes a weighted mean of the values of the tokens so far.
  attend(x, layer) {
    const { n_embd: width, n_head } = this.config;
    const now = this.past.at(-1);
    const all = this.linear(x, `h.${layer}.attn.c_attn`);
    const query = all.subarray(0, width);
    now.keys.push(all.subarray(width, 2 * width));
    now.values.push(all.subarray(2 * width));
    now.attention.push([]);
    const mean = new Float32Array(width);
    const size = width / n_head;
    for (let from = 0; from < width; from += size) {
      const scores = new Float32Array(this.past.length);
      for (let place = 0; place < scores.length; place++) {
        const key = this.past[place].keys[layer];
        let dot = 0;
        for (let i = from; i < from + size; i++) dot += query[i] * key[i];
        scores[place] = dot / Math.sqrt(size);
      }
      const weights = softmax(scores);
      now.attention[layer].push(weights);
      for (let place = 0; place < weights.length; place++) {
        const value = this.past[place].values[layer];
        const weight = weights[place];
        for (let i = from; i < from + size; i++) mean[i] += weight * value[i];
      }
    }
    return this.linear(mean, `h.${layer}.attn.c_proj`);
  }

  // The output layer shares its weights with the token embeddings.
  logits(x) {
    const { n_embd: width, vocab_size } = this.config;
    const wte = this.weights["wte.weight"];
    const last = this.norm(x, "ln_f");
    return new Float32Array(vocab_size).map((_, id) => {
      let dot = 0;
      for (let i = 0; i < width; i++) dot += last[i] * wte[id * width + i];
      return dot;
    });
  }

  norm(x, name) {
    const weight = this.weights[`${name}.weight`];
    const bias = this.weights[`${name}.bias`];
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    const variance = x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length;
    const scale = 1 / Math.sqrt(variance + this.config.layer_norm_epsilon);
    return x.map((value, i) => (value - mean) * scale * weight[i] + bias[i]);
  }

  // x times a matrix with a row for each input, plus a bias. Four rows at a time, since
  // each pass over the output costs more than the products.
  linear(x, name) {
    const weight = this.weights[`${name}.weight`];
    const y = this.weights[`${name}.bias`].slice();
    const n = y.length;
    for (let i = 0; i < x.length; i += 4) {
      const [a, b, c, d] = [x[i], x[i + 1], x[i + 2], x[i + 3]];
      for (let j = 0, k = i * n; j < n; j++, k++) {
        y[j] +=
          a * weight[k] +
          b * weight[k + n] +
          c * weight[k + 2 * n] +
          d * weight[k + 3 * n];
      }
    }
    return y;
  }
}

function add(a, b) {
  return a.map((value, i) => value + b[i]);
}

// GPT-2's approximation of GELU: gelu_new, also called gelu_pytorch_tanh.
function gelu(x) {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
}

function softmax(scores) {
  const top = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = scores.map((score) => Math.exp(score - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

// --- choosing the next token ----------------------------------------------------------

// Scores to probabilities. A temperature of 0 leaves the best token only; `topK` (0: no
// limit) leaves that many.
function probabilities(logits, temperature = 1, topK = 0) {
  const limit = temperature === 0 ? 1 : topK || logits.length;
  const least = logits.slice().sort().at(-Math.min(limit, logits.length));
  const scale = temperature || 1;
  return softmax(logits.map((score) => (score < least ? -Infinity : score / scale)));
}

// Draw a token; `random` is a number from 0 up to 1.
function draw(chances, random = Math.random()) {
  let left = random;
  const found = chances.findIndex((chance) => (left -= chance) < 0);
  return found < 0 ? chances.indexOf(Math.max(...chances)) : found;
}
