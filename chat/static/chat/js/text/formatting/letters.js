// The kind of character before or after a mark. `chat/formatting/letters.py` has the same rules, with the reasons.

const SPACELESS_RANGES = [
  String.raw`\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff`,
  String.raw`\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\u{1b000}-\u{1b16f}\u{20000}-\u{3ffff}`,
];
const SPACELESS = new RegExp(`[${SPACELESS_RANGES.join("")}]`, "u");
const WORD = /[\p{L}\p{N}\p{M}]/u;
const SPACE = /[\t\n\v\f\r\p{Z}]/u;
const SEEN =
  /[^\p{Z}\p{C}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\u{e0000}-\u{e0fff}]/u;
export const SPACES = "\\t\\n\\v\\f\\r \\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const BEGIN = new RegExp(`^[${SPACES}]+`);
const ONE = new RegExp(`[${SPACES}]`);

// A regular expression for the end would retry from every position of a long run.
export function trimmedEnd(text) {
  let end = text.length;
  while (end && ONE.test(text[end - 1])) end -= 1;
  return text.slice(0, end);
}
export const trimmed = (text) => trimmedEnd(text.replace(BEGIN, ""));
export const isWord = (sign) => WORD.test(sign) && !SPACELESS.test(sign);
// The beginning and the end of a text count as space.
export const isSpace = (sign) => !sign || SPACE.test(sign);
export const isSeen = (text) => SEEN.test(text);

// Returns the whole character, also a surrogate pair.
export function signBefore(text, at) {
  const low = text.charCodeAt(at - 1);
  return at > 1 && low >= 0xdc00 && low <= 0xdfff ? text.slice(at - 2, at) : text.slice(Math.max(0, at - 1), at);
}

export function signAt(text, at) {
  const code = text.codePointAt(at);
  return code === undefined ? "" : String.fromCodePoint(code);
}

export const isOf = (signs, sign) => Boolean(sign) && signs.includes(sign);
