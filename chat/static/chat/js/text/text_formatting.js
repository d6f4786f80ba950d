// Puts formatting marks around a selection. Each function returns the new text and its selection. Pure.

// Applied a second time, it removes the mark.
export function wrapped(sign, text, from, to) {
  const [before, inside, after] = [text.slice(0, from), text.slice(from, to), text.slice(to)];
  const { length } = sign;
  if (endsWith(before, sign) && startsWith(after, sign))
    return [before.slice(0, -length) + inside + after.slice(length), from - length, to - length];
  return [before + sign + inside + sign + after, from + length, to + length];
}

// A fence gets lines of its own; words within a line get single backticks.
export function fenced(text, from, to) {
  const [before, inside, after] = [text.slice(0, from), text.slice(from, to), text.slice(to)];
  if (inside && !inside.includes("\n")) return wrapped("`", text, from, to);
  const open = before && !before.endsWith("\n") ? "\n```\n" : "```\n";
  const close = after && !after.startsWith("\n") ? "\n```\n" : "\n```";
  return [before + open + inside + close + after, from + open.length, to + open.length];
}

// A single star must not match half of a double one.
const startsWith = (text, sign) => text.startsWith(sign) && (sign !== "*" || /^(?:\*{3}|\*(?!\*))/.test(text));
const endsWith = (text, sign) => text.endsWith(sign) && (sign !== "*" || /(?:\*{3}|(?<!\*)\*)$/.test(text));
