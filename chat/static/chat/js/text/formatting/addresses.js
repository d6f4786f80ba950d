// Web and e-mail addresses in a text: where they begin, where a reader would end them, and where they lead.
// `chat/formatting/addresses.py` has the same rules, with the reasons.

import { isWord, signAt, signBefore } from "./letters.js";

const ADDRESS_MAX = 2_000;

const BEYOND = new RegExp(
  '[\\x00-\\x20\\x7f-\\xa0<>"`\\xab\\xbb\\u1680\\u2000-\\u206f\\u3000-\\u3003\\u3008-\\u3011\\u3014-\\u301f\\ufeff' +
    "\\uff01\\uff08\\uff09\\uff0c\\uff0e\\uff1a\\uff1b\\uff1f\\uff3b\\uff3d\\uff5b\\uff5d\\uff5f-\\uff65" +
    "\\u0589\\u060c\\u061b\\u061f\\u06d4\\u0964\\u0965\\u104a\\u104b\\u1362\\u17d4\\u17d5]",
  "g",
);
const LOOSE_ENDS = "?!.,:;'*~\\|([{";
const OPENED_BY = { ")": "(", "]": "[", "}": "{" };
const OUTER = "[A-Za-z0-9\\x80-\\u{10ffff}]";
const LABEL = `${OUTER}(?:[A-Za-z0-9_\\-\\x80-\\u{10ffff}]*${OUTER})?`;
const MAIL_SIGNS = "[A-Za-z0-9.!#$%&'*+=?^_\\{\\|\\}~\\-]";
const MAIL_HOST_PATTERN = `${LABEL}(?:\\.${LABEL})+`;

const START = /https?:\/\/|www\.|@/gi;
const HOST = /\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_\x80-\u{10ffff}][A-Za-z0-9_.\-\x80-\u{10ffff}]*/uy;
const PORT = /:[0-9]{1,5}(?![0-9])/y;
const USER = /[^/?#\s]{0,80}@/y;
const MAIL_SIGN = new RegExp(`^${MAIL_SIGNS}$`, "u");
const MAIL_HOST = new RegExp(MAIL_HOST_PATTERN, "uy");
const MAIL = new RegExp(`^${MAIL_SIGNS}+@${MAIL_HOST_PATTERN}$`, "u");
const WEB = /^https?:\/\/(\[[0-9a-f:.]{2,45}\]|[A-Za-z0-9_.\-\x80-\u{10ffff}]+)(?::[0-9]{1,5})?(?:[/?#].*)?$/isu;
const UNDERLINED = /(?:^|[^A-Za-z0-9_])[*~]*_[*~_]*$/;
const UNSAFE = /[\x00-\x20\x7f-\xa0"<>\\^`{|}\u1680\u2000-\u206f\ufeff]/g;
const LOOKS_LIKE_ONE = new RegExp(
  "[a-z][a-z0-9+.\\-]*:/|www\\.|[a-z0-9]@[a-z0-9]|(?:(?<![0-9.])(?:[0-9]{1,3}\\.){3}[0-9]{1,3}(?![0-9.])|localhost(?::|$))|" +
    "\\[[0-9a-f]*:[0-9a-f:.]*\\]|(?:[a-z0-9\\x80-\\u{10ffff}][a-z0-9_\\x80-\\u{10ffff}\\-]*\\.)+" +
    "(?!(?:pdf|txt|docx?|xlsx?|pptx?|od[tsp]|csv|jpe?g|png|gif|svg|webp|html?|css|[jt]sx?|json|ya?ml|toml|xml|log|exe|gz|tar)" +
    "(?![a-z0-9_.:/\\x80-\\u{10ffff}\\-]))[a-z\\x80-\\u{10ffff}][a-z0-9\\x80-\\u{10ffff}\\-]+",
  "u",
);
const LIKE_ASCII = new Map(
  [
    ["。․‧・∙⋅", "."],
    ["⁄∕⧸╱", "/"],
    ["ː։׃∶꞉", ":"],
  ].flatMap(([signs, to]) => [...signs].map((sign) => [sign, to])),
);

// All addresses in `text`, in order, not nested: {start, end, href}.
export function addressesIn(text) {
  const found = [];
  let done = 0;
  for (const { 0: sign, index } of text.matchAll(START)) {
    if (index < done) continue;
    const address = sign === "@" ? mail(text, index, done) : web(text, index, sign);
    if (!address) continue;
    found.push(address);
    done = address.end;
  }
  return found;
}

// The target of a link: http, https or mailto. Null for everything else, and for a user name before the host.
export function safeHref(raw) {
  const written = raw.trim();
  if ([...written].length > ADDRESS_MAX) return null;
  if (/^mailto:/i.test(written)) return MAIL.test(written.slice(7)) ? written : null;
  const match = WEB.exec(written);
  return match && isHost(match[1]) ? written.replace(UNSAFE, percent) : null;
}

// The words of a link. If they look like an address other than its target, returns the target instead.
export function shownWords(words, href) {
  const plain = flat(words);
  if (!LOOKS_LIKE_ONE.test(plain)) return words;
  const said = bare(plain);
  const real = bare(flat(href));
  const secure = !plain.startsWith("https:") || /^https:/i.test(href);
  if (secure && (real === said || (real.startsWith(said) && "/?#".includes(real[said.length])))) return words;
  return href.replace(/^mailto:/i, "");
}

function flat(text) {
  const folded = [...text.normalize("NFKC")].map((sign) => LIKE_ASCII.get(sign) ?? sign).join("");
  return folded
    .replace(/[\p{Cf}\p{Mn}\p{Cc}]/gu, "")
    .toLowerCase()
    .trim();
}

function bare(address) {
  const shown = address.replace(/^(?:https?:\/*|mailto:)?(?:www\.)?/, "");
  const [host] = shown.split(/[/?#]/, 1);
  const rest = shown.slice(host.length);
  return host.split(".").map(decoded).join(".") + rest.replace(/\/+$/, "");
}

// Decodes a Punycode label of a domain name (RFC 3492).
function decoded(label) {
  if (!label.startsWith("xn--")) return label;
  const written = label.slice(4);
  const split = written.lastIndexOf("-");
  const signs = [...written.slice(0, Math.max(0, split))];
  let [code, at, bias] = [128, 0, 72];
  for (let read = split + 1; read < written.length; ) {
    const before = at;
    for (let [weight, k] = [1, 36]; ; k += 36) {
      const digit = "abcdefghijklmnopqrstuvwxyz0123456789".indexOf(written[read++]);
      if (digit < 0) return label;
      at += digit * weight;
      const least = Math.min(26, Math.max(1, k - bias));
      if (digit < least) break;
      weight *= 36 - least;
    }
    const count = signs.length + 1;
    let delta = before ? (at - before) >> 1 : Math.floor(at / 700);
    delta += Math.floor(delta / count);
    for (bias = 0; delta > 455; bias += 36) delta = Math.floor(delta / 35);
    bias += Math.floor((36 * delta) / (delta + 38));
    code += Math.floor(at / count);
    at %= count;
    if (!(code <= 0x10ffff)) return label;
    signs.splice(at++, 0, String.fromCodePoint(code));
  }
  return signs.join("");
}

function matchAt(pattern, text, at, bound = text.length) {
  pattern.lastIndex = at;
  return pattern.exec(bound < text.length ? text.slice(0, bound) : text)?.[0];
}

function web(text, start, sign) {
  const www = /^w/i.test(sign);
  const before = signBefore(text, start);
  if (before && (isWord(before) || (www ? "@/+.-" : "@/+").includes(before))) return null;
  const bound = boundOf(text, start);
  const hostAt = www ? start : start + sign.length;
  const host = matchAt(HOST, text, hostAt, bound);
  if (!host) return null;
  let end = hostEnd(text, hostAt, hostAt + host.length);
  let closed = end < hostAt + host.length;
  for (; end > hostAt && ".-_".includes(text[end - 1]); end -= 1) closed = true;
  const name = text.slice(hostAt, end);
  if (!isHost(name) || (www && name.split(".").length < 3)) return null;
  if (!closed) {
    if (matchAt(USER, text, end, bound)) return null;
    end += matchAt(PORT, text, end, bound)?.length ?? 0;
    if (end < bound && "/?#".includes(text[end])) end = restEnd(text, start, end, bound);
  }
  const href = safeHref((www ? "http://" : "") + text.slice(start, end));
  return href && { start, end, href };
}

function boundOf(text, start) {
  BEYOND.lastIndex = start;
  const beyond = BEYOND.exec(text)?.index ?? text.length;
  return Math.min(beyond, start + 2 * ADDRESS_MAX);
}

// The end of the address: before a closing bracket that was opened in front of it, without punctuation of the sentence.
function restEnd(text, start, at, bound) {
  const opened = { "(": 0, "[": 0, "{": 0 };
  let end = at;
  for (; end < bound; end += 1) {
    const sign = text[end];
    if (sign in opened) opened[sign] += 1;
    else if (sign in OPENED_BY) {
      if (!opened[OPENED_BY[sign]]) break;
      opened[OPENED_BY[sign]] -= 1;
    }
  }
  const underlined = text[end - 1] === "_" && UNDERLINED.test(text.slice(Math.max(0, start - 8), start));
  while (end > at && (LOOSE_ENDS.includes(text[end - 1]) || (underlined && text[end - 1] === "_"))) end -= 1;
  return end;
}

function hostEnd(text, start, end) {
  const last = text.lastIndexOf(".", end - 1) + 1;
  if (last <= start) return end;
  let at = last;
  while (at < end && /[A-Za-z]/.test(text[at])) at += 1;
  return at - last >= 2 && at < end && text.charCodeAt(at) > 127 && !isWord(signAt(text, at)) ? at : end;
}

function isHost(host) {
  if (host.startsWith("[")) return host.includes(":");
  return (
    [...host].length <= 253 &&
    host.split(".").every((label) => {
      const { length } = [...label];
      return length > 0 && length <= 63 && label[0] !== "-" && label.at(-1) !== "-";
    })
  );
}

function mail(text, at, done) {
  let start = at;
  while (start > done && at - start < 64 && MAIL_SIGN.test(text[start - 1])) start -= 1;
  while (start < at && !/[A-Za-z0-9]/.test(text[start])) start += 1;
  const name = text.slice(start, at);
  if (!name || name.includes("..") || !/[A-Za-z0-9_+-]$/.test(name)) return null;
  const before = signBefore(text, start);
  if (before && (isWord(before) || "/@\\".includes(before))) return null;
  const host = matchAt(MAIL_HOST, text, at + 1, boundOf(text, at + 1));
  if (!host) return null;
  const end = hostEnd(text, at + 1, at + 1 + host.length);
  const top = text
    .slice(at + 1, end)
    .split(".")
    .at(-1);
  if ([...top].length < 2 || /^\d+$/.test(top) || [...host].length > 253) return null;
  const after = text.slice(end, end + 2);
  if ("@/\\".includes(after[0] || " ") || (after[0] === ":" && after.slice(1).trim())) return null;
  const href = `mailto:${text.slice(start, end)}`;
  return { start: /mailto:$/i.test(text.slice(Math.max(0, start - 7), start)) ? start - 7 : start, end, href };
}

const percent = (sign) =>
  [...new TextEncoder().encode(sign)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
