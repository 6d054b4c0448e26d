// Two elements for a page: <live-writer> shows how a GPT-2 continues a text, and
// <live-summariser> what fine-tuning makes of one. Nothing that is typed leaves the page.

"use strict";

// A model's files come as a script, since a page that is opened from a disk may load
// scripts, and no other files. Each script puts what it holds here.
window.LiveFiles = {};
const HERE = document.currentScript.src.replace(/[^/]*$/, "");
const SHOWN = 12; // next tokens
const PAUSE = 140; // milliseconds between two tokens, so that one can see them come

const scripts = {};
function fetchFile(name) {
  scripts[name] ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${HERE}${name}.js`;
    script.onload = () => resolve(window.LiveFiles[name]);
    script.onerror = () => reject(new Error(`${name}.js could not be loaded.`));
    document.head.append(script);
  });
  return scripts[name];
}

async function loadModel(name) {
  const { config, tokenizer, weights } = await fetchFile(name);
  const letters = atob(weights);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
  const model = new GPT2(config, bytes);
  for (const id of [1, 2]) model.read([id]); // the browser compiles what it runs again
  return { model, tokenizer: new Tokenizer(tokenizer) };
}

// --- small helpers ----------------------------------------------------------------------

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const percent = (share) =>
  share >= 0.0005 ? `${(100 * share).toFixed(1)} %` : share > 0 ? "< 0.1 %" : "0 %";

// Wait until an element is about to be seen: the weights are 3 MB.
const nearView = (element) =>
  new Promise((done) => {
    const watcher = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        watcher.disconnect();
        done();
      },
      { rootMargin: "400px" },
    );
    watcher.observe(element);
  });

// make("p", {className: "soft"}, "text", child, ...)
function make(tag, settings = {}, ...children) {
  const { data = {}, style = {}, aria = {}, ...properties } = settings;
  const element = Object.assign(document.createElement(tag), properties);
  Object.assign(element.dataset, data);
  for (const [name, value] of Object.entries(style))
    element.style.setProperty(name, value);
  for (const [name, value] of Object.entries(aria))
    element.setAttribute(`aria-${name}`, value);
  element.append(...children);
  return element;
}

// A token's text as something to look at: spaces, line ends and bare bytes have signs.
function visible(tokenizer, id) {
  if (tokenizer.special.has(tokenizer.texts[id])) return ["end of text"];
  const text = tokenizer.decode([id]);
  if (text.includes("\ufffd")) {
    const bytes = tokenizer.bytesOf(id).map((b) => b.toString(16).padStart(2, "0"));
    return [make("i", {}, `byte ${bytes.join(" ")}`)];
  }
  return Array.from(text, (letter) =>
    letter === " " ? make("i", {}, "␣") : letter === "\n" ? make("i", {}, "⏎") : letter,
  );
}
const spoken = (tokenizer, id) => JSON.stringify(tokenizer.decode([id]));

// Numbers as a picture: one pixel each, blue above 0 and orange below.
function paint(canvas, width, height, valueAt) {
  Object.assign(canvas, { width, height });
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(width, height);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at += 4) {
      const value = Math.max(-1, Math.min(1, valueAt(x, y)));
      image.data[at] = value < 0 ? 234 : 59;
      image.data[at + 1] = value < 0 ? 120 : 130;
      image.data[at + 2] = value < 0 ? 30 : 246;
      image.data[at + 3] = 255 * Math.abs(value);
    }
  pen.putImageData(image, 0, 0);
}

function slider(label, { min, max, step, value }, words, onChange) {
  const input = make("input", { type: "range" });
  Object.assign(input, { min, max, step, value });
  const output = make("output", {}, words(value));
  input.addEventListener("input", () => {
    output.textContent = words(Number(input.value));
    input.setAttribute("aria-valuetext", output.textContent);
    onChange(Number(input.value));
  });
  return make("label", {}, label, output, input);
}

function exampleButtons(examples, choose) {
  const buttons = Object.entries(examples).map(([name, text]) =>
    make("button", { type: "button", onclick: () => choose(text) }, name),
  );
  return make(
    "div",
    { className: "live-row examples" },
    make("span", { className: "soft" }, "Try:"),
    ...buttons,
  );
}

// --- the writer ---------------------------------------------------------------------------

const STARTS = {
  "a chat": "Anna: Hi Tom! Do you want to go swimming on Saturday?\nTom:",
  "who said it?":
    "Anna: I lost my keys.\nBen: I found a red hat.\nWho said I found a red hat?",
  "a story": "It was late, and the train",
  "odd letters": "Zoë: 25 € for a café au lait? 😀\nMáté:",
};

class LiveWriter extends HTMLElement {
  async connectedCallback() {
    if (this.firstElementChild) return;
    this.head = { layer: 1, head: 0 };
    this.temperature = 1;
    this.topK = 0;
    this.build();
    await nearView(this);
    try {
      Object.assign(this, await loadModel("tiny-base"));
    } catch (error) {
      this.status.textContent = error.message;
      return;
    }
    this.type(this.getAttribute("text") ?? STARTS["a chat"]);
    this.dataset.ready = "yes";
  }

  build() {
    const label = make("span", { className: "title" }, "Your text");
    this.text = make("textarea", { rows: 4, maxLength: 3000, spellcheck: false });
    this.text.addEventListener("input", () => this.type(this.text.value));
    this.writing = make("button", { type: "button", className: "live-main" }, "Write");
    this.writing.onclick = () => (this.stopped ? this.write() : this.stop());
    this.stopped = true;
    const one = make("button", { type: "button" }, "One token");
    one.onclick = () => this.next();
    const undo = make("button", { type: "button" }, "Take one back");
    undo.onclick = () => this.ids.length && this.show(this.ids.slice(0, -1));
    this.status = make(
      "p",
      { className: "soft", role: "status" },
      "Loading 1.1 million weights …",
    );
    const heat = slider(
      "Temperature",
      { min: 0, max: 2, step: 0.1, value: 1 },
      (value) => (value === 0 ? "0: always the best" : value.toFixed(1)),
      (value) => this.change({ temperature: value }),
    );
    const cut = slider(
      "Top-k",
      { min: 1, max: 51, step: 1, value: 51 },
      (value) => (value > 50 ? "no limit" : `the best ${value}`),
      (value) => this.change({ topK: value > 50 ? 0 : value }),
    );
    this.bars = make("ol", { className: "next" });
    this.rest = make("p", { className: "soft" });
    this.tokens = make("fieldset");
    this.heads = make("fieldset");
    this.stream = make("div");
    this.append(
      make(
        "div",
        { className: "live" },
        make("label", {}, label, this.text),
        exampleButtons(STARTS, (text) => this.type(text)),
        make("div", { className: "live-row" }, this.writing, one, undo),
        make("div", { className: "sliders" }, heat, cut),
        this.status,
        make("h4", {}, "What comes next"),
        make(
          "p",
          { className: "soft" },
          "The pale bar is what the model says, the full bar what is drawn from. Click on a token to choose it yourself.",
        ),
        this.bars,
        this.rest,
        make("h4", {}, "What it reads, and where each head looks"),
        this.tokens,
        this.heads,
        make("h4", {}, "The numbers on their way"),
        this.stream,
      ),
    );
  }

  type(text) {
    this.stop();
    if (this.text.value !== text) this.text.value = text;
    this.show(this.tokenizer.encode(text), true);
  }

  change(settings) {
    Object.assign(this, settings);
    this.showNext();
  }

  // Read these tokens and show everything about them. Of a text that is longer than the
  // model, a quarter of its places leaves at a time: if one token left with each new one,
  // all others would change their places, and would have to be read again.
  show(ids, typed = false) {
    const room = this.model.config.n_positions;
    const step = room / 4;
    const cut = Math.max(0, Math.ceil((ids.length - room) / step) * step);
    this.ids = ids;
    if (!typed) {
      this.text.value = this.tokenizer.decode(ids);
      this.text.scrollTop = this.text.scrollHeight;
    }
    const start = performance.now();
    // An empty text begins as every text of the training did: after an end of text.
    this.read = ids.length ? ids.slice(cut) : [this.model.config.bos_token_id];
    this.logits = this.model.read(this.read);
    this.milliseconds = performance.now() - start;
    const dropped = cut
      ? ` The model has ${room} places: it does not see the first ${cut}.`
      : "";
    this.status.textContent = `${ids.length} token${ids.length === 1 ? "" : "s"}. Read in ${this.milliseconds.toFixed(1)} ms.${dropped}`;
    this.chosen = this.read.length - 1;
    this.showNext();
    this.showTokens();
    this.showHeads();
    this.showStream();
  }

  showNext() {
    const said = probabilities(this.logits);
    this.chances = probabilities(this.logits, this.temperature, this.topK);
    const best = [...said.keys()].sort((a, b) => said[b] - said[a]).slice(0, SHOWN);
    const scale = Math.max(said[best[0]], this.chances[best[0]]);
    const bar = (share) =>
      make("span", { hidden: !share, style: { width: `${(100 * share) / scale}%` } });
    this.bars.replaceChildren(
      ...best.map((id) => {
        const chance = this.chances[id];
        const button = make(
          "button",
          { type: "button", className: chance ? "" : "cut", data: { id } },
          make("span", { className: "word" }, ...visible(this.tokenizer, id)),
          make("span", { className: "bar" }, bar(said[id]), bar(chance)),
          make("span", { className: "chance" }, percent(chance)),
        );
        button.ariaLabel = `${spoken(this.tokenizer, id)}: ${percent(chance)}. Append it.`;
        button.onclick = () => this.add(id);
        return make("li", {}, button);
      }),
    );
    const left =
      this.chances.reduce((n, chance) => n + (chance > 0), 0) -
      best.filter((id) => this.chances[id] > 0).length;
    const share =
      this.chances.reduce((a, b) => a + b, 0) -
      best.reduce((sum, id) => sum + this.chances[id], 0);
    this.rest.textContent = left
      ? `${left.toLocaleString("en")} more tokens share ${percent(Math.max(0, share))}.`
      : "No other token can come.";
  }

  showTokens() {
    const { layer, head } = this.head;
    const weights = this.model.past[this.chosen].attention[layer][head];
    const chips = this.read.map((id, place) => {
      const weight = weights[place] ?? 0;
      const input = make("input", {
        type: "radio",
        name: this.group("token"),
        checked: place === this.chosen,
      });
      const seen =
        place <= this.chosen ? `, ${percent(weight)} of the attention` : ", later";
      input.ariaLabel = `Token ${place + 1}: ${spoken(this.tokenizer, id)}, number ${id}${seen}`;
      input.onchange = () => this.choose(place);
      const kind =
        place > this.chosen ? "choice later" : weight > 0.5 ? "choice heavy" : "choice";
      return make(
        "label",
        {
          className: kind,
          style: { "--weight": weight.toFixed(3) },
          title: `${id}${seen}`,
        },
        input,
        make("span", { className: "word" }, ...visible(this.tokenizer, id)),
        make("small", {}, `${id}`),
      );
    });
    // A line of the text ends where its line break is.
    const laid = chips.flatMap((chip, place) =>
      this.tokenizer.decode([this.read[place]]).includes("\n")
        ? [chip, make("span", { className: "line" })]
        : [chip],
    );
    const box = make("div", { className: "tokens" }, ...laid);
    const scrolled = this.tokens.querySelector(".tokens")?.scrollTop ?? 0;
    this.tokens.replaceChildren(
      make(
        "legend",
        { className: "soft" },
        "Each token has a number. The stronger its colour, the more the chosen token attends to it; a token sees none that come later. Choose another one: by mouse, or by the arrow keys.",
      ),
      box,
    );
    // While the text grows its end stays in sight.
    box.scrollTop = this.chosen === this.read.length - 1 ? box.scrollHeight : scrolled;
  }

  showHeads() {
    const { n_layer, n_head } = this.model.config;
    const past = this.model.past;
    const cells = [make("span")];
    for (let head = 0; head < n_head; head++)
      cells.push(make("span", { className: "soft" }, `head ${head + 1}`));
    for (let layer = 0; layer < n_layer; layer++) {
      cells.push(make("span", { className: "soft" }, `block ${layer + 1}`));
      for (let head = 0; head < n_head; head++) {
        const canvas = make("canvas", { aria: { hidden: "true" } });
        paint(canvas, past.length, past.length, (x, y) =>
          Math.sqrt(past[y].attention[layer][head][x] ?? 0),
        );
        const checked = layer === this.head.layer && head === this.head.head;
        const input = make("input", {
          type: "radio",
          name: this.group("head"),
          checked,
        });
        input.ariaLabel = `Block ${layer + 1}, head ${head + 1}`;
        input.onchange = () => {
          this.head = { layer, head };
          this.showTokens();
        };
        cells.push(
          make("label", { className: "choice", title: input.ariaLabel }, input, canvas),
        );
      }
    }
    this.heads.replaceChildren(
      make(
        "legend",
        { className: "soft" },
        "All heads at once: a row for each token, from the top, and in it the tokens that it looks at. Choose a head to see it above.",
      ),
      make("div", { className: "heads", style: { "--heads": n_head } }, ...cells),
    );
  }

  showStream() {
    const stream = this.model.past[this.chosen].stream;
    const names = [
      "token embedding",
      "+ position",
      ...stream.slice(2).map((_, i) => `+ block ${i + 1}`),
    ];
    const rows = stream.map((x, step) => {
      const canvas = make("canvas", { aria: { hidden: "true" } });
      const size = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length);
      paint(canvas, x.length, 1, (i) => x[i] / (2.5 * size));
      const logits = this.model.logits(x);
      const guess = logits.indexOf(logits.reduce((a, b) => Math.max(a, b)));
      return make(
        "tr",
        {},
        make("th", { scope: "row" }, names[step]),
        make("td", { className: "numbers" }, canvas),
        make("td", { className: "word" }, ...visible(this.tokenizer, guess)),
      );
    });
    const heads = ["step", `its ${stream[0].length} numbers`, "best guess"];
    this.stream.replaceChildren(
      make(
        "p",
        { className: "soft" },
        "The chosen token, ",
        make(
          "b",
          { className: "word" },
          ...visible(this.tokenizer, this.read[this.chosen]),
        ),
        ", is a row of numbers, blue above 0 and orange below. Every block adds to it. The last column is what the output layer would say if the model ended there.",
      ),
      make(
        "table",
        { className: "stream" },
        make(
          "thead",
          {},
          make("tr", {}, ...heads.map((text) => make("th", { scope: "col" }, text))),
        ),
        make("tbody", {}, ...rows),
      ),
    );
  }

  choose(place) {
    this.chosen = place;
    this.showTokens();
    this.showStream();
    this.tokens.querySelectorAll("input")[place].focus();
  }

  // Append a token; return whether the text can go on.
  add(id) {
    const end = id === this.model.config.eos_token_id;
    const full = this.text.value.length >= this.text.maxLength;
    if (end || full) {
      this.status.textContent = end
        ? "The model chose to end the text here."
        : "This page takes no longer text.";
      return false;
    }
    this.show([...this.ids, id]);
    return true;
  }

  next() {
    return this.add(draw(this.chances));
  }

  async write() {
    this.stopped = false;
    this.writing.textContent = "Stop";
    while (!this.stopped && this.isConnected && this.next()) await pause(PAUSE);
    this.stop();
  }

  stop() {
    this.stopped = true;
    this.writing.textContent = "Write";
  }

  group(name) {
    this.number ??= ++LiveWriter.count;
    return `live-${name}-${this.number}`;
  }
}
LiveWriter.count = 0;

// --- the summariser -----------------------------------------------------------------------

const CUE = "\nTL;DR:"; // as in course_utils/data/summaries.py
const LONGEST = 60; // tokens of a summary
const CHATS = {
  swimming:
    "Siobhan: Hi Mateusz! Do you want to go swimming on Saturday?\nMateusz: Sure! What time?\nSiobhan: Let's meet at the station at 3 pm.\nMateusz: Perfect, see you there!",
  "a dentist":
    "Maria: I have to see the dentist on Friday at 4 pm. Can you watch Leo?\nPeter: Of course! I'll take care of him.\nMaria: Thanks a lot!",
  tennis:
    "Lena: Do you want to play tennis on Sunday?\nOmar: Sorry, I can't. I have to work.\nLena: Too bad! Another time.",
};

// Yield the tokens of a summary, the likeliest each time, up to a line break or the end.
// A name in `nobody` is not written.
function* summaryOf({ model, tokenizer }, chat, nobody = []) {
  const banned = nobody
    .flatMap((name) => [tokenizer.encode(name), tokenizer.encode(` ${name}`)])
    .filter((ids) => ids.length === 1)
    .flat();
  const ids = tokenizer
    .encode(chat.trim() + CUE)
    .slice(LONGEST - model.config.n_positions);
  const start = ids.length;
  while (ids.length - start < LONGEST) {
    const logits = model.read(ids).slice();
    for (const id of banned) logits[id] = -Infinity;
    const id = draw(probabilities(logits, 0));
    if (id === model.config.eos_token_id) return;
    ids.push(id);
    const text = tokenizer.decode(ids.slice(start)).trimStart();
    if (text.includes("\n")) return;
    yield text;
  }
}

class LiveSummariser extends HTMLElement {
  connectedCallback() {
    if (this.firstElementChild) return;
    this.text = make("textarea", {
      rows: 5,
      maxLength: 1500,
      spellcheck: false,
      value: CHATS.swimming,
    });
    this.button = make(
      "button",
      { type: "button", className: "live-main" },
      "Summarise",
    );
    this.button.onclick = () => this.run();
    this.status = make("span", { className: "soft", role: "status" });
    this.given = make("div");
    this.plain = make("p", { className: "written" });
    this.finetuned = make("p", { className: "written" });
    this.append(
      make(
        "div",
        { className: "live" },
        make(
          "label",
          {},
          make(
            "span",
            { className: "title" },
            "A chat: a line for each message, the name, a colon, the text",
          ),
          this.text,
        ),
        exampleButtons(CHATS, (text) => (this.text.value = text)),
        make("div", { className: "live-row" }, this.button, this.status),
        make(
          "div",
          { className: "pair" },
          make(
            "div",
            {},
            make("h4", {}, "Before"),
            make(
              "p",
              { className: "soft" },
              "the tiny base, which has learnt to go on with a chat",
            ),
            this.plain,
          ),
          make(
            "div",
            {},
            make("h4", {}, "After"),
            make(
              "p",
              { className: "soft" },
              "the same model, fine-tuned on chats with summaries",
            ),
            this.finetuned,
          ),
        ),
        this.given,
      ),
    );
    this.dataset.ready = "yes";
  }

  async run() {
    if (!this.text.value.trim()) {
      this.status.textContent = "Type a chat first, or choose one.";
      return;
    }
    this.button.disabled = true;
    this.status.textContent = "Loading the two models …";
    try {
      this.base ??= await loadModel("tiny-base");
      this.tuned ??= await loadModel("tiny-summariser");
      const lists = await fetchFile("names");
      const { chat, people } = hidePeople(this.text.value.trim(), lists);
      this.showPlaceholders(chat, people);
      this.plain.textContent = this.finetuned.textContent = "";
      this.status.textContent = "Writing …";
      await this.write(
        this.plain,
        summaryOf(this.base, this.text.value),
        (text) => text,
      );
      const nobody = lists.placeholders.filter((name) => !people.has(name));
      await this.write(this.finetuned, summaryOf(this.tuned, chat, nobody), (text) =>
        showPeople(text, people),
      );
      this.status.textContent =
        "Done. Read the summary against the chat, name by name.";
    } catch (error) {
      this.status.textContent = error.message;
    }
    this.button.disabled = false;
  }

  async write(place, texts, finish) {
    place.classList.add("cursor");
    let last = "";
    for (const text of texts) {
      last = place.textContent = finish(text);
      await pause(this.hasAttribute("quick") ? 0 : PAUSE / 2);
    }
    place.textContent = last.trim() || "(nothing)";
    place.classList.remove("cursor");
  }

  showPlaceholders(chat, people) {
    const names = [...people].map(([name, who]) => `${who} → ${name}`).join(", ");
    const marked = make("pre");
    const parts = people.size
      ? chat.split(new RegExp(`\\b(${[...people.keys()].join("|")})\\b`))
      : [chat];
    parts.forEach((part) =>
      marked.append(people.has(part) ? make("mark", {}, part) : part),
    );
    marked.append(make("mark", {}, CUE));
    this.given.replaceChildren(
      make("h4", {}, "What the fine-tuned model is given"),
      make(
        "p",
        { className: "soft" },
        `A small model cannot spell most names, so people get names that are one token each${names ? ` (${names})` : ""}, and the real ones are put back into the summary. The cue at the end asks for it.`,
      ),
      marked,
    );
  }
}

customElements.define("live-writer", LiveWriter);
customElements.define("live-summariser", LiveSummariser);
