// Fuzzy matching of typed characters against a name: all in order, with a better score when together and at the start.

// {score, marks}: `marks` are the positions that matched; null when it does not match.
export function fuzzy(query, name) {
  const wanted = query.toLowerCase();
  const text = name.toLowerCase();
  const whole = text.indexOf(wanted);
  if (whole >= 0) {
    const startsWord = whole === 0 || /[\s._-]/.test(text[whole - 1]);
    return {
      score: 1000 - whole + (startsWord ? 500 : 0) - text.length,
      marks: [...wanted].map((_, index) => whole + index),
    };
  }
  const marks = [];
  let from = 0;
  for (const letter of wanted.replaceAll(" ", "")) {
    const at = text.indexOf(letter, from);
    if (at < 0) return null;
    marks.push(at);
    from = at + letter.length;
  }
  return { score: 100 - (marks.at(-1) - marks[0]) - text.length, marks };
}

// `name` cut into parts, for marking what matched.
export function markedParts(name, marks) {
  const hit = new Set(marks);
  const parts = [];
  for (let at = 0; at < name.length; at += 1) {
    const marked = hit.has(at);
    if (parts.at(-1)?.marked === marked) parts.at(-1).text += name[at];
    else parts.push({ marked, text: name[at] });
  }
  return parts;
}

// The items of `list` whose name matches `query`, the best first: {one, match}.
export const matching = (query, list, nameIt) =>
  list
    .map((one) => ({ one, match: fuzzy(query, nameIt(one)) }))
    .filter(({ match }) => match)
    .sort((a, b) => b.match.score - a.match.score);
