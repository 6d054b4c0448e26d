// What the book adds to its theme: a word of the glossary shows its meaning.

"use strict";

const GLOSSARY = `${document.documentElement.dataset.content_root}docs/glossary.html`;
const NOT_IN = "a, code, pre, h1, h2, h3, h4, th, .live, .Quiz, dt, .open-in";

// Make a link of the first place of each word, in paragraphs and lists.
function markTerms(article) {
  // "block (of a model)" is found under "block".
  const left = new Map(
    Object.keys(TERMS)
      .filter((term) => !term.includes("("))
      .map((term) => [term.toLowerCase(), term]),
  );
  const texts = [];
  const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (parent.closest("p, li") && !parent.closest(NOT_IN))
      texts.push(walker.currentNode);
  }
  const words = [...left.keys()].sort((a, b) => b.length - a.length);
  const escaped = words.map((word) => word.replace(/[^\w\s]/g, "\\$&"));
  const pattern = new RegExp(`(?<![\\w-])(${escaped.join("|")})(s?)(?![\\w-])`, "gi");
  for (const text of texts) {
    const parts = [];
    let end = 0;
    for (const found of text.data.matchAll(pattern)) {
      const term = left.get(found[1].toLowerCase());
      if (!term) continue;
      left.delete(found[1].toLowerCase());
      parts.push(text.data.slice(end, found.index), termLink(term, found[0]));
      end = found.index + found[0].length;
    }
    if (parts.length) text.replaceWith(...parts, text.data.slice(end));
  }
}

const card = document.createElement("div");
card.id = "term-card";
card.setAttribute("role", "tooltip");
card.hidden = true;
let shownFor = null;

function termLink(term, words) {
  const [anchor, meaning] = TERMS[term];
  const link = document.createElement("a");
  Object.assign(link, { className: "term", textContent: words });
  link.href = `${GLOSSARY}#${anchor}`;
  link.setAttribute("aria-describedby", card.id);
  const show = () => {
    const name = document.createElement("b");
    name.textContent = `${term}:`;
    card.replaceChildren(name, ` ${meaning}`);
    card.hidden = false;
    shownFor = link;
    const place = link.getBoundingClientRect();
    const room = document.documentElement.clientWidth - card.offsetWidth - 8;
    card.style.left = `${Math.max(8, Math.min(place.left, room)) + scrollX}px`;
    const below = place.bottom + card.offsetHeight + 8 < innerHeight;
    const top = below ? place.bottom + 4 : place.top - card.offsetHeight - 4;
    card.style.top = `${top + scrollY}px`;
  };
  // A first touch shows the card, a second one follows the link.
  let touchedShown = true;
  link.addEventListener("pointerdown", (event) => {
    touchedShown = event.pointerType !== "touch" || shownFor === link;
  });
  link.addEventListener("click", (event) => {
    if (!touchedShown) event.preventDefault();
  });
  link.addEventListener(
    "pointerenter",
    (event) => event.pointerType === "mouse" && show(),
  );
  link.addEventListener(
    "pointerleave",
    (event) => event.pointerType === "mouse" && hide(),
  );
  link.addEventListener("focus", show);
  link.addEventListener("blur", hide);
  return link;
}

function hide() {
  card.hidden = true;
  shownFor = null;
}

document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
const article = document.querySelector("article[role=main]");
if (
  article &&
  !/\/(glossary|genindex|search)\.html|\/reference\//.test(location.pathname)
) {
  document.body.append(card);
  markTerms(article);
}
