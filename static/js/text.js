// Message text to a small tree: bold, italic, struck, code, fences, quotes, lists, links, mentions.
//
// Pure, and linear in the length of the text. What is no markup stays text; a tree holds no markup of its own,
// so whatever is written can only ever be shown.
//
// Blocks: {type: "p" | "quote", children} {type: "list", ordered, start, items} {type: "code", language, text}
// Inline: a string, or {type: "strong" | "em" | "del", children} {type: "code", text} {type: "link", href, text}
//         {type: "mention", username}

const DEPTH_MAX = 6;
const FENCE = /^```([\w+#.-]{0,24})\s*$/;
const LIST_ITEM = /^\s{0,6}(?:[-*•]|(\d{1,9})[.)])\s+(?=\S)/;
// A `*` or `_` inside a word is a character, not markup: snake_case_names and 2*3*4 stay as they are.
const WORD = /[\p{L}\p{N}]/u;
const URL_START = /https?:\/\//iy;
const URL_END = /[\s<>"`\\^{}|]/;
const MENTION = /@([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,30}[A-Za-z0-9_])?)/y;
const MENTION_BEFORE = /[\w@/.]/;

const MARKS = [
  ["**", "strong"],
  ["__", "strong"],
  ["~~", "del"],
  ["*", "em"],
  ["_", "em"],
];

export function parseText(text, { mentions = [] } = {}) {
  const named = new Set(mentions.map((name) => name.toLowerCase()));
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const blocks = [];
  for (let at = 0; at < lines.length; ) {
    const fence = FENCE.exec(lines[at]);
    const end = fence ? lines.findIndex((line, index) => index > at && line.trimEnd() === "```") : -1;
    if (end > 0) {
      blocks.push({ type: "code", language: fence[1], text: lines.slice(at + 1, end).join("\n") });
      at = end + 1;
    } else if (lines[at].startsWith(">")) {
      at = takeQuote(lines, at, blocks, named);
    } else if (LIST_ITEM.test(lines[at])) {
      at = takeList(lines, at, blocks, named);
    } else {
      at = takeParagraph(lines, at, blocks, named);
    }
  }
  return blocks;
}

// Up to three emoji and nothing else.
export function isEmojiOnly(text) {
  const compact = text.replace(/\s/gu, "");
  if (!compact || compact.length > 60 || !/\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(compact)) return false;
  if (/[^\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\u200d\ufe0f\u20e3]/u.test(compact)) return false;
  return [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(compact)].length <= 3;
}

// The text in one line without its marks, for reply lines and titles.
export function excerpt(text, length = 140) {
  const line = text
    .slice(0, length * 3)
    .replace(/```[\w+#.-]*/g, "")
    .replace(/\*\*|__|~~|`/g, "")
    .replace(/\s+/g, " ")
    .trim();
  const letters = [...line];
  return letters.length > length ? `${letters.slice(0, length).join("")}…` : line;
}

function takeQuote(lines, from, blocks, named) {
  let to = from;
  while (to < lines.length && lines[to].startsWith(">")) to += 1;
  const inner = lines.slice(from, to).map((line) => line.replace(/^>\s?/, ""));
  blocks.push({ type: "quote", children: parseInline(inner.join("\n"), named) });
  return to;
}

function takeList(lines, from, blocks, named) {
  const first = LIST_ITEM.exec(lines[from]);
  const ordered = first[1] !== undefined;
  const items = [];
  let to = from;
  for (; to < lines.length; to += 1) {
    const item = LIST_ITEM.exec(lines[to]);
    if (!item || (item[1] !== undefined) !== ordered) break;
    items.push(parseInline(lines[to].slice(item[0].length), named));
  }
  blocks.push({ type: "list", ordered, start: ordered ? Number(first[1]) : 1, items });
  return to;
}

function takeParagraph(lines, from, blocks, named) {
  let to = from + 1;
  while (to < lines.length && !lines[to].startsWith(">") && !LIST_ITEM.test(lines[to]) && !FENCE.test(lines[to])) to += 1;
  const text = lines.slice(from, to).join("\n");
  if (text.trim()) blocks.push({ type: "p", children: parseInline(text, named) });
  return to;
}

function parseInline(text, named = new Set(), depth = 0) {
  const nodes = [];
  // Marks whose closing half is known not to follow any more; keeps the whole linear.
  const hopeless = new Set();
  let plain = "";
  const push = (node) => {
    if (plain) nodes.push(plain);
    plain = "";
    nodes.push(node);
  };
  for (let at = 0; at < text.length; ) {
    const found = codeAt(text, at, hopeless) ?? linkAt(text, at) ?? mentionAt(text, at, named) ?? markAt(text, at, hopeless, named, depth);
    if (found) {
      push(found.node);
      at = found.end;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  if (plain) nodes.push(plain);
  return nodes;
}

function codeAt(text, at, hopeless) {
  if (text[at] !== "`" || hopeless.has("`")) return null;
  const end = text.indexOf("`", at + 1);
  if (end < 0) hopeless.add("`");
  if (end < at + 2) return null;
  return { node: { type: "code", text: text.slice(at + 1, end) }, end: end + 1 };
}

function linkAt(text, at) {
  if (text[at] === "[") return titledLinkAt(text, at);
  const letter = text[at];
  if ((letter !== "h" && letter !== "H") || (at > 0 && /\w/.test(text[at - 1]))) return null;
  URL_START.lastIndex = at;
  if (!URL_START.test(text)) return null;
  let end = at;
  while (end < text.length && !URL_END.test(text[end])) end += 1;
  const raw = trimUrl(text.slice(at, end));
  const href = safeHref(raw);
  return href && { node: { type: "link", href, text: raw }, end: at + raw.length };
}

// [words](https://address): the address is told in the title, because the words may say anything.
function titledLinkAt(text, at) {
  const match = /^\[([^[\]\n]{1,200})\]\((https?:\/\/[^\s()<>"]{1,1000})\)/i.exec(text.slice(at, at + 1300));
  const href = match && safeHref(match[2]);
  return href ? { node: { type: "link", href, text: match[1] }, end: at + match[0].length } : null;
}

// What closes a sentence or a bracket around an address does not belong to it.
function trimUrl(url) {
  let end = url.length;
  // Brackets that are closed but not opened in the address itself.
  let unopened = [...url].reduce((count, letter) => count + (letter === ")" ? 1 : letter === "(" ? -1 : 0), 0);
  for (; end > 0; end -= 1) {
    const last = url[end - 1];
    if (last === ")" ? unopened <= 0 : !/[.,;:!?'*_~\]]/.test(last)) break;
    if (last === ")") unopened -= 1;
  }
  return url.slice(0, end);
}

function safeHref(raw) {
  try {
    const url = new URL(raw);
    return (url.protocol === "http:" || url.protocol === "https:") && url.hostname ? url.href : null;
  } catch {
    return null;
  }
}

function mentionAt(text, at, named) {
  if (text[at] !== "@" || (at > 0 && MENTION_BEFORE.test(text[at - 1]))) return null;
  MENTION.lastIndex = at;
  const match = MENTION.exec(text);
  if (!match || !named.has(match[1].toLowerCase())) return null;
  return { node: { type: "mention", username: match[1] }, end: at + match[0].length };
}

function markAt(text, at, hopeless, named, depth) {
  if (depth >= DEPTH_MAX) return null;
  const mark = MARKS.find(([sign]) => text.startsWith(sign, at));
  if (!mark || hopeless.has(mark[0])) return null;
  const [sign, type] = mark;
  const from = at + sign.length;
  if (/\s/.test(text[from] ?? " ") || (at > 0 && WORD.test(text[at - 1]))) return null;
  const end = closing(text, sign, from);
  if (end < 0) {
    hopeless.add(sign);
    return null;
  }
  return { node: { type, children: parseInline(text.slice(from, end), named, depth + 1) }, end: end + sign.length };
}

function closing(text, sign, from) {
  for (let end = text.indexOf(sign, from + 1); end >= 0; end = text.indexOf(sign, end + 1)) {
    // The last two of `***` close the outer mark.
    while (sign.length === 2 && text[end + 2] === sign[0]) end += 1;
    const double = sign.length === 1 && (text[end - 1] === sign || text[end + 1] === sign);
    if (!double && !/\s/.test(text[end - 1]) && !WORD.test(text[end + sign.length] ?? " ")) return end;
  }
  return -1;
}
