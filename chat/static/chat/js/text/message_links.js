// The links to messages of this server in a text: none in code or a quote, and none that is written `<https://…>`. Pure.

const FENCE = /^(```|~~~)[\s\S]*?^\1.*$/gm;
const QUOTE = /^\s{0,3}>.*$/gm;
const MAX = 3;

// `base`: the address of the chat, with a slash at its end. Gives [{room, seq}], each once. The address of a thread names
// its root, that of a reply in it also the reply: `rooms/garden/?thread=4#m9`.
export function messageLinks(text, base) {
  const found = new Map();
  if (!text.includes(base)) return [];
  const plain = withoutCode(text.replace(FENCE, " ")).replace(QUOTE, " ");
  for (let at = plain.indexOf(base); at >= 0; at = plain.indexOf(base, at + base.length)) {
    if (plain[at - 1] === "<") continue;
    const rest = plain.slice(at + base.length);
    const link = /^rooms\/([\w.%-]{1,200})\/(?:\?thread=(\d{1,15}))?(?:#m(\d{1,15}))?(?![\w/?&#=-])/.exec(rest);
    const seq = Number(link?.[3] ?? link?.[2]);
    if (link && seq) found.set(`${link[1]} ${seq}`, { room: link[1], seq });
  }
  return [...found.values()].slice(0, MAX);
}

// Without what is between two runs of as many backticks. In one pass: a text may be nothing but backticks, and an
// expression that looks for the end of each run from each of them takes seconds.
function withoutCode(text) {
  const runs = [...text.matchAll(/`+/g)];
  const ends = [];
  const following = new Map();
  for (let at = runs.length - 1; at >= 0; at -= 1) {
    const { length } = runs[at][0];
    ends[at] = following.get(length);
    following.set(length, at);
  }
  let plain = "";
  let from = 0;
  for (let at = 0; at < runs.length; at += 1) {
    const end = ends[at];
    if (end === undefined) continue;
    plain += `${text.slice(from, runs[at].index)} `;
    from = runs[end].index + runs[end][0].length;
    at = end;
  }
  return plain + text.slice(from);
}
