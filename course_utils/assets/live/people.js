// People as placeholders: see course_utils/data/people.py, of which this is the core.
//
// A small model cannot spell most names, but it can copy: so the speakers of a chat, and
// others with a name that is well known, get names that are one token each.

"use strict";

// Return the chat with placeholders, and the real name behind each of them.
// `lists` has the placeholders, in order, and the well-known names.
function hidePeople(chat, { placeholders, known }) {
  const speakers = [...chat.matchAll(/^([^\s:][^:\n]{0,30}):(?= |$)/gm)].map(
    (m) => m[1],
  );
  const wellKnown = new Set(known);
  const spoken = chat.match(/\b[A-Z]\w+/g)?.filter((word) => wellKnown.has(word)) ?? [];
  const names = [...new Set([...speakers, ...spoken])];
  const order = new Map();
  const hide = (name) => {
    if (!order.has(name)) order.set(name, placeholders[order.size] ?? name);
    return order.get(name);
  };
  const hidden = replaceNames(chat, names, hide);
  return {
    chat: hidden,
    people: new Map([...order].map(([who, name]) => [name, who])),
  };
}

function showPeople(text, people) {
  return replaceNames(text, [...people.keys()], (name) => people.get(name));
}

function replaceNames(text, names, replace) {
  if (!names.length) return text;
  const longest = names.sort((a, b) => b.length - a.length);
  const escaped = longest.map((name) => name.replace(/[^\w\s]/g, "\\$&"));
  return text.replace(
    new RegExp(`(?<![\\w@#-])(?:${escaped.join("|")})(?!\\w|-\\w)`, "g"),
    replace,
  );
}
