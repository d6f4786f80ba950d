// Marked text to a small tree: bold, italic, struck, code, fences, quotes, lists, links, mentions, rooms, emoji.
//
// marked reads the marks, DOMPurify lets through what is listed here, and only known elements become nodes.
// Written markup is escaped before, so it can never be more than shown.
//
// Nodes: a string, or {type: "p" | "strong" | "em" | "del" | "quote" | "ul" | "ol" | "li", children, start?}
//        {type: "br"} {type: "pre", language, text} {type: "code", text} {type: "link", href, text}
//        {type: "mention", username} {type: "room", slug}

import DOMPurify from "dompurify";
import { Marked } from "marked";

import { emojiNamed } from "./emoji.js";

// Beyond these the work would grow with the square of the text: it is shown as it was written.
const MARKS_MAX = 1_000;
const LINES_MAX = 400;
const NESTED = /^(?:\s{0,8}(?:>|[-*+]|\d{1,9}[.)])){12}/m;
const MARKS = /[*_~`[\]!<\\@#]/g;
const FENCE = /(^ {0,3}```[\s\S]*?(?:^ {0,3}```[ \t]*$|$(?![\s\S])))/m;
const SPACES = /[^\S\n]{200,}/g;
const BLANK_LINES = /\n(?:[^\S\n]*\n){2,}/g;
// A quote ends with its line, although the next does not begin with a blank one.
const QUOTE_END = /^([ ]{0,3}>.*)\n(?![ ]{0,3}>)/gm;

const ALLOWED = {
  ALLOWED_TAGS: ["p", "br", "strong", "em", "del", "blockquote", "ul", "ol", "li", "pre", "code", "a", "span"],
  ALLOWED_ATTR: ["href", "class", "start"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ADD_URI_SAFE_ATTR: ["start"],
  ALLOWED_URI_REGEXP: /^https?:/i,
  RETURN_DOM_FRAGMENT: true,
};
const TYPES = { P: "p", STRONG: "strong", EM: "em", DEL: "del", BLOCKQUOTE: "quote", UL: "ul", OL: "ol", LI: "li" };

const MENTION = /^@([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,30}[A-Za-z0-9_])?)/;
const ROOM = /^#([A-Za-z0-9_-]{1,64})(?![\w-])/;
const SHORTCODE = /^:([a-z0-9_+-]{1,32}):(?![\p{L}\p{N}_])/u;
// What may not stand before a sign that calls: it would be an address, a path, a time or a word.
const BEFORE_CALL = /[\w@/.#&]/;
// A mark inside a word is a character: snake_case_names and 2*3*4 stay as they are.
const IN_WORD = /[\p{L}\p{N}]$/u;

// Names, rooms and emoji by name.
const call = {
  name: "call",
  level: "inline",
  start: (source) => source.search(/[@#:][\w+-]/),
  tokenizer(source, tokens) {
    const before = tokens.at(-1)?.raw.at(-1) ?? "";
    if (BEFORE_CALL.test(before)) return undefined;
    const mention = MENTION.exec(source);
    if (mention && this.lexer.options.named.has(mention[1].toLowerCase())) return { type: "call", raw: mention[0], kind: "mention", text: mention[1] };
    const room = ROOM.exec(source);
    if (room) return { type: "call", raw: room[0], kind: "room", text: room[1] };
    const emoji = SHORTCODE.exec(source);
    const sign = emoji && !IN_WORD.test(before) && emojiNamed(emoji[1]);
    return sign ? { type: "call", raw: emoji[0], kind: "emoji", text: sign } : undefined;
  },
  renderer: ({ kind, text }) => (kind === "emoji" ? text : `<span class="${kind}">${escape(text)}</span>`),
};

const nothing = () => undefined;
const reader = new Marked({
  gfm: true,
  breaks: true,
  extensions: [call],
  // A chat has no headings, tables, rules or hidden definitions; what looks like markup is text.
  tokenizer: {
    ...Object.fromEntries(["heading", "lheading", "hr", "table", "def", "html", "tag", "code"].map((name) => [name, nothing])),
    emStrong: (source, masked, before) => (IN_WORD.test(before) ? undefined : false),
  },
  renderer: {
    text(token) {
      return token.tokens ? this.parser.parseInline(token.tokens) : escape(token.text);
    },
    link({ href, raw, text, tokens }) {
      const safe = safeHref(href);
      return safe ? `<a href="${escape(safe)}">${tokens ? escape(plain(tokens)) : escape(text)}</a>` : escape(raw);
    },
    image: ({ href, text, raw }) => (safeHref(href) ? `<a href="${escape(safeHref(href))}">${escape(text || href)}</a>` : escape(raw)),
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
});

export function parseMarkdown(text, { mentions = [] } = {}) {
  // Every second part is a fence, which stays as it is.
  const parts = text.trimEnd().split(FENCE).map((part, index) => (index % 2 ? part : tidied(part)));
  if (isTangled(parts.filter((_, index) => index % 2 === 0).join(""))) return [{ type: "p", children: [text] }];
  const named = new Set(mentions.map((name) => name.toLowerCase()));
  return nodesOf(DOMPurify.sanitize(reader.parse(parts.join(""), { named }), ALLOWED));
}

const tidied = (text) => text.replace(SPACES, (run) => run.slice(0, 200)).replace(BLANK_LINES, "\n\n").replace(QUOTE_END, "$1\n\n");

function isTangled(text) {
  return (text.match(MARKS)?.length ?? 0) > MARKS_MAX || text.split("\n").length > LINES_MAX || NESTED.test(text);
}

const nodesOf = (parent) => [...parent.childNodes].map(nodeOf).filter((node) => node !== null);

function nodeOf(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return /^\n*$/.test(node.data) ? null : node.data;
  switch (node.nodeName) {
    case "BR":
      return { type: "br" };
    case "PRE":
      return { type: "pre", language: languageOf(node.firstElementChild), text: node.textContent.replace(/\n$/, "") };
    case "CODE":
      return { type: "code", text: node.textContent };
    case "A":
      return node.hasAttribute("href") ? { type: "link", href: node.getAttribute("href"), text: node.textContent } : node.textContent;
    case "SPAN":
      return node.className === "mention" ? { type: "mention", username: node.textContent } : { type: "room", slug: node.textContent };
    case "OL":
      return { type: "ol", start: Number(node.getAttribute("start") ?? 1), children: nodesOf(node) };
    default:
      return TYPES[node.nodeName] ? { type: TYPES[node.nodeName], children: nodesOf(node) } : node.textContent;
  }
}

const languageOf = (code) => /^language-([\w+#.-]{1,24})$/.exec(code?.className ?? "")?.[1] ?? "";

// The words of a link: marks inside have done their work, what they stand for is text.
const plain = (tokens) => tokens.map((token) => (token.tokens ? plain(token.tokens) : (token.text ?? token.raw))).join("");

function safeHref(raw) {
  try {
    const url = new URL(raw);
    return (url.protocol === "http:" || url.protocol === "https:") && url.hostname ? url.href : null;
  } catch {
    return null;
  }
}

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escape = (text) => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign]);
