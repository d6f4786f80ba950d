// The words and filters of a search, as the field and its chips show them. The server interprets the query; this only
// splits and joins it.

const FILTER = /(?:^|\s)(from|in|with|has|is|on|before|after):(?:"([^"]*)"|(\S+))(?=\s)/gi;

// Filters that are complete (a space follows) become chips: {kind, value}; the rest stays text.
export function takeApart(query) {
  const chips = [];
  const text = query.replace(FILTER, (_all, kind, quoted, bare) => {
    chips.push({ kind: kind.toLowerCase(), value: (quoted ?? bare).replace(/^[#@]/, "") });
    return "";
  });
  return { chips: distinct(chips), text: text.trimStart() };
}

export const asText = ({ kind, value }) => `${kind}:${/\s/.test(value) ? `"${value}"` : value}`;

export const asQuery = ({ chips, text }) => [...chips.map(asText), text.trim()].filter(Boolean).join(" ");

export const withChip = (chips, chip) => distinct([...chips, chip]);

const distinct = (chips) => [...new Map(chips.map((chip) => [asText(chip), chip])).values()];

const BEFORE_HIT = 60;
const EXCERPT_LETTERS = 220;

// The part of a message around its first hit, in pieces: [{text, hit}]. `marks`: positions in code points.
export function excerptOf(message, marks) {
  const letters = [...message];
  const first = marks[0]?.[0] ?? 0;
  const start = first > EXCERPT_LETTERS - BEFORE_HIT ? first - BEFORE_HIT : 0;
  const end = Math.min(letters.length, start + EXCERPT_LETTERS);
  const pieces = [{ text: start ? "…" : "", hit: false }];
  let at = start;
  for (const [from, to] of marks.filter((mark) => mark[0] < end)) {
    pieces.push({ text: letters.slice(at, from).join(""), hit: false });
    pieces.push({ text: letters.slice(from, Math.min(to, end)).join(""), hit: true });
    at = Math.min(to, end);
  }
  pieces.push({ text: letters.slice(at, end).join("") + (end < letters.length ? "…" : ""), hit: false });
  return pieces.filter((piece) => piece.text);
}

// The matching words as written in the message.
export const hitsOf = (message, marks) => {
  const letters = [...message];
  return [...new Set(marks.map(([from, to]) => letters.slice(from, to).join("")))];
};
