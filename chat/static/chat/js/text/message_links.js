// The links in a text to messages of this server: none in code or a quote, and none written as `<https://…>`. Pure.

const FENCE = /^(```|~~~)[\s\S]*?^\1.*$/gm;
const QUOTE = /^\s{0,3}>.*$/gm;
const MAX = 3;

// `base`: the address of the chat, with a trailing slash. Returns [{room, seq}], each once. The address of a thread
// names its root; the address of a reply in it names the reply too: `rooms/garden/?thread=4#m9`.
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

// Removes the text between two runs of equally many backticks. In one pass: a text may be all backticks, and a regular
// expression that searches for the end from each run takes seconds.
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
