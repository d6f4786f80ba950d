// Marks around what is selected in a field. Each gives the text it becomes and the selection in it. Pure.

// A second time takes the mark away again.
export function wrapped(sign, text, from, to) {
  const [before, inside, after] = [text.slice(0, from), text.slice(from, to), text.slice(to)];
  const { length } = sign;
  if (endsWith(before, sign) && startsWith(after, sign))
    return [before.slice(0, -length) + inside + after.slice(length), from - length, to - length];
  return [before + sign + inside + sign + after, from + length, to + length];
}

// A fence stands on lines of its own; words in a line get single marks.
export function fenced(text, from, to) {
  const [before, inside, after] = [text.slice(0, from), text.slice(from, to), text.slice(to)];
  if (inside && !inside.includes("\n")) return wrapped("`", text, from, to);
  const open = before && !before.endsWith("\n") ? "\n```\n" : "```\n";
  const close = after && !after.startsWith("\n") ? "\n```\n" : "\n```";
  return [before + open + inside + close + after, from + open.length, to + open.length];
}

// One star is no half of two.
const startsWith = (text, sign) => text.startsWith(sign) && (sign !== "*" || /^(?:\*{3}|\*(?!\*))/.test(text));
const endsWith = (text, sign) => text.endsWith(sign) && (sign !== "*" || /(?:\*{3}|(?<!\*)\*)$/.test(text));
