// The formatting of a message, as rules of markdown-it. `chat/formatting/marks.py` has the same rules, with the
// reasons; docs/formatting.md describes the result, and its table tests both.

import markdownIt from "markdown-it";

import { addressesIn, safeHref } from "./addresses.js";
import { end, fence, heading, list, quote, table } from "./blocks.js";
import { call, callAfterBackslash } from "./calls.js";
import { isOf, isSeen, isSpace, isWord, signAt, signBefore, trimmed } from "./letters.js";

const NESTING_MAX = 24;
const NAME_MAX = 80;
const CHEEKS = "^-<>;=@.,¬°'+$#%&?";
const STARRY = /(?<![A-Za-z0-9_*])\*_{1,3}\*(?![A-Za-z0-9_*])/g;
const BLOCK_MARK = /(?:#{1,6}[ \t]+\S|[-+*][ \t]+\S|>|`{3})/y;
const TERMINATOR = /[\n!#$%&*+\-:<=>@[\\\]^_`{}~]/g;
const NO_TARGET = /[ \t\n]*\)/y;

export function reader() {
  const md = markdownIt("zero", { maxNesting: NESTING_MAX });
  md.enable(["blockquote", "fence", "list", "table", "heading"]);
  md.enable(["newline", "escape", "backticks", "strikethrough", "emphasis", "link", "image"]);
  const library = rulesOf(md);
  md.block.ruler.at("blockquote", quote(library.blockquote), { alt: ["paragraph", "reference", "blockquote", "list"] });
  md.block.ruler.at("fence", fence(library.fence), { alt: ["paragraph", "reference", "blockquote", "list"] });
  md.block.ruler.at("list", list(library.list), { alt: ["paragraph", "reference", "blockquote"] });
  md.block.ruler.at("table", table(library.table), { alt: ["paragraph", "reference"] });
  md.block.ruler.at("heading", heading, { alt: ["paragraph", "reference", "blockquote"] });
  md.block.ruler.before("blockquote", "end", end, { alt: ["paragraph", "blockquote", "list"] });
  const link = (state, silent) =>
    state.src[state.pos] === "[" && hasLabel(state, state.pos) && library.link(state, silent);
  const image = (state, silent) => state.src.startsWith("![", state.pos) && library.image(state, silent);
  const inline = {
    text,
    newline,
    escape: escaped({ "[": link, "!": image }),
    backticks: code(library.backticks),
    strikethrough: struck,
    emphasis,
    link,
    image,
  };
  for (const [name, rule] of Object.entries(inline)) md.inline.ruler.at(name, rule);
  md.inline.ruler.push("call", call);
  // The Python port strips the white space of all scripts.
  md.core.ruler.before("inline", "trim", ({ tokens }) => {
    for (const token of tokens) if (token.type === "inline") token.content = trimmed(token.content);
  });
  md.validateLink = (url) => safeHref(url) !== null;
  md.normalizeLink = (url) => safeHref(url) ?? url;
  return md;
}

// The library's own rules by name: ours call them unless they object.
function rulesOf(md) {
  const found = {};
  for (const ruler of [md.block.ruler, md.inline.ruler]) {
    for (const { name, fn } of ruler.__rules__) found[name] = fn;
  }
  return found;
}

// Rules inside a line. Results per text are cached while it is parsed.

function kept(state, name, find) {
  const known = ((state.env.found ??= {})[name] ??= new Map());
  if (!known.has(state.src)) known.set(state.src, find(state.src));
  return known.get(state.src);
}

const addressEndsOf = (state) =>
  kept(state, "addressEnds", () => new Set([...addressesOf(state).values()].map(({ end }) => end)));
const addressesOf = (state) =>
  kept(state, "addresses", (src) => new Map(addressesIn(src).map((address) => [address.start, address])));
const startsOf = (state) => kept(state, "starts", () => [...addressesOf(state).keys()]);

function text(state, silent) {
  const { pos, src } = state;
  const address = addressesOf(state).get(pos);
  if (address && address.end <= state.posMax) {
    if (!silent && state.linkLevel) state.pending += src.slice(pos, address.end);
    else if (!silent) {
      const token = state.push("address", "", 0);
      token.content = src.slice(pos, address.end);
      token.attrs = [["href", address.href]];
    }
    state.pos = address.end;
    return true;
  }
  TERMINATOR.lastIndex = pos;
  const next = startsOf(state).find((start) => start > pos) ?? Infinity;
  const stop = Math.min(TERMINATOR.exec(src)?.index ?? Infinity, next, state.posMax);
  if (stop === pos) return false;
  if (!silent) state.pending += src.slice(pos, stop);
  state.pos = stop;
  return true;
}

function newline(state, silent) {
  if (state.src[state.pos] !== "\n") return false;
  if (!silent) {
    let end = state.pending.length;
    while (end && isOf(" \t", state.pending[end - 1])) end -= 1;
    state.pending = state.pending.slice(0, end);
    state.push("softbreak", "br", 0);
  }
  state.pos += 1;
  return true;
}

const code = (rule) => (state, silent) => {
  if (state.src[state.pos] !== "`") return false;
  const { pos: start, tokens } = state;
  const count = tokens.length;
  rule(state, silent);
  const token = tokens.at(-1);
  if (silent || tokens.length === count || token.type !== "code_inline") return true;
  if (!isSeen(token.content)) [token.type, token.content] = ["text", state.src.slice(start, state.pos)];
  return true;
};

function flanks(src, start, stop, max, mark, afterAddress) {
  if (isFace(src, start, stop)) return { opens: false, closes: false };
  const at = start && src[start - 1] === "\\" ? start - 1 : start;
  const before = signBefore(src, at);
  const after = stop < max ? signAt(src, stop) : "";
  let opens = !isSpace(after) && !(before && isWord(before)) && !isOf("/\\", before) && after !== "/";
  const next = signAt(src, stop + 1);
  if (mark === "*" && ((after === "." && next && isWord(next)) || (before === "." && stop === start + 1)))
    opens = false;
  let closes = !isSpace(before) && (afterAddress || !isOf("/\\", before));
  if (isOf("([{<「『（《【“‘«‚„", before) && after && isWord(after)) closes = false;
  if (mark === "_") {
    const named = !afterAddress && isName(src, start, stop);
    opens = opens && !named;
    closes = closes && !named && !(after && isWord(after));
  }
  return { opens, closes };
}

// A face (^_^, >_<, *_*) or a pattern (.*,).
function isFace(src, start, stop) {
  if (start && stop < src.length && isOf(CHEEKS, src[start - 1]) && isOf(CHEEKS, src[stop])) return true;
  const from = Math.max(0, start - 5);
  const faces = [...src.slice(from, stop + 5).matchAll(STARRY)];
  return faces.some(({ 0: face, index }) => index <= start - from && start - from < index + face.length);
}

function isName(src, from, to) {
  while (from && to - from < NAME_MAX && /[A-Za-z0-9_]/.test(src[from - 1])) from -= 1;
  while (to < src.length && to - from < NAME_MAX && /[A-Za-z0-9_]/.test(src[to])) to += 1;
  if (src[from] !== "_" || src[to - 1] !== "_") return false;
  const next = signAt(src, to + 1);
  let before = src[from - 1];
  const escaping = before === "\\" && (from < 2 || isSpace(src[from - 2]) || /^_+$/.test(src.slice(from, to)));
  if (escaping) before = signBefore(src, from - 1);
  return isOf("./\\@#$%=&+-", before) || isOf("/\\@(=", src[to]) || (src[to] === "." && Boolean(next) && isWord(next));
}

function emphasis(state, silent) {
  const mark = state.src[state.pos];
  return !silent && isOf("*_", mark) && delimiters(state, mark, 1);
}

function struck(state, silent) {
  const { src, pos } = state;
  if (silent || !src.startsWith("~~", pos) || src[pos + 2] === "~" || (pos && src[pos - 1] === "~")) return false;
  return delimiters(state, "~", 2);
}

function delimiters(state, mark, width) {
  const start = state.pos;
  let stop = start;
  while (stop < state.posMax && state.src[stop] === mark) stop += 1;
  const afterAddress = addressEndsOf(state).has(start);
  const { opens, closes } = flanks(state.src, start, stop, state.posMax, mark, afterAddress);
  for (let left = Math.floor((stop - start) / width); left > 0; left -= 1) {
    state.push("text", "", 0).content = mark.repeat(width);
    const length = width === 1 ? stop - start : 0;
    state.delimiters.push({
      marker: mark.charCodeAt(0),
      length,
      token: state.tokens.length - 1,
      end: -1,
      open: opens,
      close: closes,
    });
  }
  state.pos = stop;
  return true;
}

const escaped = (rules) => (state, silent) => {
  const { src, pos } = state;
  if (src[pos] !== "\\") return false;
  const mark = pos + 1 < state.posMax ? src[pos + 1] : "";
  if (!isOf("*_~`[]!@#:-+>.)", mark)) {
    if (!silent) state.pending += "\\";
    state.pos += 1;
    return true;
  }
  let stop = pos + 2;
  const acting = wouldAct(state, pos + 1, mark, rules);
  if (mark === "~" || (isOf("*_", mark) && !acting)) {
    while (stop < state.posMax && src[stop] === mark && (!acting || stop < pos + 3)) stop += 1;
  }
  if (!silent) state.pending += src.slice(acting ? pos + 1 : pos, stop);
  state.pos = stop;
  return true;
};

function wouldAct(state, at, mark, rules) {
  const { src } = state;
  const before = signBefore(src, at - 1);
  const after = signAt(src, at + 1);
  if (mark === "]") return state.linkLevel > 0;
  if (isOf(".)", mark)) return /(?:^|\n) {0,3}\d{1,3}$/.test(src.slice(0, at - 1)) && isOf(" \t", after);
  BLOCK_MARK.lastIndex = at;
  if (/(?:^|\n) {0,3}$/.test(src.slice(Math.max(0, at - 5), at - 1)) && BLOCK_MARK.test(src)) return true;
  let stop = at + 1;
  while (isOf("*_~", mark) && src[stop] === mark) stop += 1;
  const behind = signAt(src, stop);
  const next = signAt(src, stop + 1);
  let partOfPath =
    behind && (isWord(behind) || isOf("/\\", behind) || (behind === "." && next && (isWord(next) || next === "*")));
  if (behind === "\\" && isOf("*_~`[]", next)) partOfPath = false;
  if (partOfPath && before && (isWord(before) || isOf("/\\:", before))) return false;
  if (isOf("*_", mark) || (mark === "~" && after === "~")) return hasPartner(state, at, mark);
  if (mark === "`") {
    const runs = [...src.matchAll(/`+/g)].map(([run]) => run.length);
    const length = /^`*/.exec(src.slice(at))?.[0].length;
    return runs.filter((other) => other === length).length > 1;
  }
  return isOf("[!@#:", mark) && acts(state, at, mark, rules);
}

function acts(state, at, mark, rules) {
  const { pos } = state;
  state.pos = at;
  try {
    return (rules[mark] ?? callAfterBackslash)(state, true);
  } finally {
    state.pos = pos;
  }
}

function hasPartner(state, at, mark) {
  const runs = kept(state, `runs${mark}`, () => runsOf(state, mark));
  const here = runs.find((run) => run.start <= at && at < run.stop);
  if (!here) return false;
  if (here.opens && runs.some((run) => run.start > at && run.closes)) return true;
  return here.closes && runs.some((run) => run.stop <= at && run.opens);
}

function runsOf(state, mark) {
  const { src } = state;
  const hidden = [
    ...codeSpans(src),
    ...[...addressesOf(state).values()].map((address) => [address.start, address.end]),
  ];
  return [...src.matchAll(mark === "*" ? /\*+/g : mark === "_" ? /_+/g : /~+/g)]
    .map(({ 0: run, index }) => {
      const stop = index + run.length;
      return { start: index, stop, ...flanks(src, index, stop, src.length, mark, addressEndsOf(state).has(index)) };
    })
    .filter(({ start }) => !hidden.some(([from, to]) => from <= start && start < to));
}

function codeSpans(src) {
  const spans = [];
  const opened = new Map();
  for (const { 0: run, index } of src.matchAll(/`+/g)) {
    if (index && src[index - 1] === "\\") continue;
    if (opened.has(run.length)) {
      spans.push([opened.get(run.length), index + run.length]);
      opened.clear();
    } else opened.set(run.length, index);
  }
  return spans;
}

function hasLabel(state, at) {
  const close = state.src.indexOf("](", at + 1);
  if (close < 0 || close >= state.posMax || !isSeen(state.src.slice(at + 1, close))) return false;
  NO_TARGET.lastIndex = close + 2;
  return !NO_TARGET.test(state.src);
}
