// The changes from one text to the next, word by word. Pure.

// Above this number of word pairs to compare, 5 ms of work, the difference is shown as one change.
const PAIRS_MAX = 1_000_000;

// [{kind: "same" | "gone" | "new", text}] in order. All parts but "new" form the old text, all but "gone" the new one.
export function wordDiff(before, after) {
  const old = wordsOf(before);
  const now = wordsOf(after);
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  const same = old.slice(0, start);
  const rest = old.slice(old.length - end);
  const changed = between(old.slice(start, old.length - end), now.slice(start, now.length - end));
  return joined([...same.map((text) => ["same", text]), ...changed, ...rest.map((text) => ["same", text])]);
}

// Words, and the text between them.
const wordsOf = (text) => text.match(/[\p{L}\p{N}_]+|\s+|./gsu) ?? [];

// The longest common subsequence keeps most of the old words.
function between(old, now) {
  if (old.length * now.length > PAIRS_MAX)
    return [
      ["gone", old.join("")],
      ["new", now.join("")],
    ];
  const width = now.length + 1;
  const lengths = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i -= 1)
    for (let j = now.length - 1; j >= 0; j -= 1)
      lengths[i * width + j] =
        old[i] === now[j]
          ? lengths[(i + 1) * width + j + 1] + 1
          : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
  const parts = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      parts.push(["same", old[i]]);
      i += 1;
      j += 1;
    } else if (i < old.length && (j === now.length || lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])) {
      parts.push(["gone", old[i]]);
      i += 1;
    } else {
      parts.push(["new", now[j]]);
      j += 1;
    }
  }
  return parts;
}

function joined(parts) {
  const found = [];
  for (const [kind, text] of parts) {
    if (!text) continue;
    if (found.at(-1)?.kind === kind) found.at(-1).text += text;
    else found.push({ kind, text });
  }
  return found;
}
