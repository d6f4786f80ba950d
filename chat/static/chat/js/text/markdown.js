// Parses a message into a small tree of its formatting. It never becomes an HTML string: components render it.
// `chat/formatting/tree.py` builds the same tree on the server; the table in docs/formatting.md tests both.
//
// Nodes: a string, or {type: "p" | "strong" | "em" | "del" | "quote" | "ul" | "tr", children}
//        {type: "heading", level, children} {type: "ol", sign, children} {type: "li", number, children}
//        {type: "table", children} {type: "th" | "td", side, children}
//        {type: "br"} {type: "pre", language, text} {type: "code", text} {type: "link", href, text}
//        {type: "mention", username} {type: "room", slug} {type: "emoji", name}

import { shownWords } from "./formatting/addresses.js";
import { LANGUAGE } from "./formatting/blocks.js";
import { isSeen, trimmed, trimmedEnd } from "./formatting/letters.js";
import { reader } from "./formatting/marks.js";

// Above these limits the work would grow with the square of the text: the message is shown as plain text.
const MARKS_MAX = 1_000;
const LINES_MAX = 400;
const NESTED = /^(?:[ \t]{0,8}(?:>|[-*+]|\d{1,9}[.)])){12}/m;
const MARKS = /[*_~`[\]!<\\@#|]/g;
const TASK = /^\[([ xX])\][ \t]+/;
const KINDS = { bullet_list: "ul", ordered_list: "ol", list_item: "li", blockquote: "quote", paragraph: "p", s: "del" };
const PASSED = new Set(["thead", "tbody"]);

const read = reader();

// `mentions`: the usernames shown as mentions. `emoji(name)`: the emoji for a name between colons. `own`: the names of
// the server's custom emoji, a Set or a Map.
export function parseMarkdown(text, { mentions = [], emoji = () => undefined, own = new Map() } = {}) {
  const written = trimmedEnd(text);
  if (isTangled(written)) return [{ type: "p", children: [written] }];
  const root = { children: [] };
  const named = new Set(mentions.map((name) => name.toLowerCase()));
  build(read.parse(written, { named, emoji, own }), root);
  return root.children;
}

function isTangled(text) {
  if (NESTED.test(text)) return true;
  return (
    text.length > LINES_MAX && (text.split("\n").length > LINES_MAX || (text.match(MARKS)?.length ?? 0) > MARKS_MAX)
  );
}

function build(tokens, root) {
  const stack = [root];
  for (const token of tokens) {
    const name = token.type.replace(/_(?:open|close)$/, "");
    if (token.type === "inline") build(token.children, stack.at(-1));
    else if (!token.nesting) leaf(token, stack.at(-1));
    else if (token.hidden || PASSED.has(name)) continue;
    else if (token.nesting > 0) stack.push(opened(KINDS[name] ?? name, token));
    else close(stack.pop(), stack.at(-1), token);
  }
}

function opened(type, token) {
  const children = [];
  switch (type) {
    case "link":
      return { type, href: token.attrGet("href"), children };
    case "li":
      return { type, number: token.info, children };
    case "ol":
      return { type, sign: token.markup, children };
    case "heading":
      return { type, level: Number(token.tag[1]), children };
    case "th":
    case "td":
      return { type, side: (token.attrGet("style") ?? "").replace("text-align:", ""), children };
    default:
      return { type, children };
  }
}

function close(node, parent, token) {
  if (["strong", "em", "del"].includes(node.type) && !isSeen(plain(node.children))) {
    // Formatting around nothing visible stays text.
    for (const part of [token.markup, ...node.children, token.markup]) add(parent, part);
    return;
  }
  if (node.type === "link") {
    parent.children.push({ type: "link", href: node.href, text: shownWords(plain(node.children), node.href) });
    return;
  }
  if (node.type === "li") {
    const holder = node.children[0]?.type === "p" ? node.children[0] : node;
    const [first] = holder.children;
    const [marks, done] = (typeof first === "string" && TASK.exec(first)) || [];
    if (marks && (first.length > marks.length || holder.children.length > 1)) {
      holder.children[0] = (done === " " ? "☐ " : "☑ ") + first.slice(marks.length);
    }
  }
  parent.children.push(node);
}

function leaf(token, parent) {
  switch (token.type) {
    case "text":
      return add(parent, token.content);
    case "softbreak":
      return add(parent, { type: "br" });
    case "code_inline":
      return add(parent, { type: "code", text: token.content });
    case "fence": {
      const info = trimmed(token.info);
      const text = token.content.replace(/\n$/, "");
      const known = LANGUAGE.test(info);
      return add(parent, {
        type: "pre",
        language: known ? info : "",
        text: known ? text : `${info}\n${text}`.replace(/\n+$/, ""),
      });
    }
    case "address":
      return add(parent, { type: "link", href: token.attrGet("href"), text: token.content });
    case "image": {
      const href = token.attrGet("src");
      const inside = { children: [] };
      build(token.children, inside);
      const words = plain(inside.children);
      return add(parent, { type: "link", href, text: isSeen(words) ? shownWords(words, href) : href });
    }
    case "mention":
      return add(parent, { type: "mention", username: token.content });
    case "room":
      return add(parent, { type: "room", slug: token.content });
    case "own_emoji":
      return add(parent, { type: "emoji", name: token.content });
    default:
      return undefined;
  }
}

function add(parent, part) {
  if (typeof part === "string" && typeof parent.children.at(-1) === "string")
    parent.children.push(parent.children.pop() + part);
  else if (part) parent.children.push(part);
}

const plain = (nodes) => nodes.map((node) => (typeof node === "string" ? node : plainOf(node))).join("");

function plainOf(node) {
  if (node.type === "br") return "\n";
  if (node.type === "mention") return `@${node.username}`;
  if (node.type === "room") return `#${node.slug}`;
  if (node.type === "emoji") return `:${node.name}:`;
  return node.text ?? plain(node.children);
}
