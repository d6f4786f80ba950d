// Facts about a message's text that need no parsing of its formatting; `markdown.js` parses it. Pure.

// A message folds above this many lines. The column limits the length of a line.
export const FOLD_LINES = 24;
const LINE_LETTERS = 95;
// Only this many characters of a folded message are parsed: the rest is out of view.
const FOLDED_LETTERS = (FOLD_LINES + 4) * LINE_LETTERS;

// Characters that may be formatting, an address, a mention, a room or the name of an emoji.
const MAY_BE_MARKED =
  /[*_~`[\]<\\|]|[@#]\S|:[\w+-]{1,32}:|:\/\/|www\.|\n\s*\n|^[^\S\n\r\u2028\u2029]*(?:>|#|[-+]\s|\d{1,9}[.)])/im;

export const isPlain = (text) => !MAY_BE_MARKED.test(text);

// The text to show while a message is folded, or null when it is short enough.
export function foldedText(text) {
  let lines = 0;
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf("\n", at);
    const length = (end < 0 ? text.length : end) - at;
    lines += Math.max(1, Math.ceil(length / LINE_LETTERS));
    if (lines > FOLD_LINES) return text.slice(0, Math.min(end < 0 ? text.length : end, at + FOLDED_LETTERS));
    at += length + 1;
  }
  return null;
}

// Up to three emoji and nothing else.
export function isEmojiOnly(text) {
  if (text.length > 80) return false;
  const compact = text.replace(/\s/gu, "");
  if (!compact || compact.length > 60 || !/\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(compact))
    return false;
  if (/[^\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\u200d\ufe0f\u20e3]/u.test(compact))
    return false;
  return [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(compact)].length <= 3;
}

// The same with emoji names; only the table of all emoji knows which names exist.
export const mayBeEmojiOnly = (text) =>
  text.includes(":") && text.length <= 108 && isEmojiOnly(text.replace(/:[\w+-]{1,32}:/g, "🙂"));

// A message in one line: its text, else the names of its files.
export const saidOf = ({ message, files }, length = 140) =>
  excerpt(message || (files ?? []).map(({ name }) => name).join(", "), length);

// The text in one line without formatting, for reply lines and titles.
export function excerpt(text, length = 140) {
  const line = text
    .slice(0, length * 3)
    .replace(/```[\w+#.-]*/g, "")
    .replace(/!?\[([^[\]]+)\]\((?:https?:\/\/|mailto:)[^\s()]*\)/g, "$1")
    .replace(/\*\*|__|~~|`/g, "")
    .replace(/\s+/g, " ")
    .trim();
  const letters = [...line];
  return letters.length > length ? `${letters.slice(0, length).join("")}…` : line;
}
