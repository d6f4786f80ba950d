// The links to messages of this server in a text: none in code or a quote, and none that is written `<https://…>`. Pure.

const FENCE = /^(```|~~~)[\s\S]*?^\1.*$/gm;
const CODE = /(`+)[\s\S]*?\1/g;
const QUOTE = /^\s{0,3}>.*$/gm;
const MAX = 3;

// `base`: the address of the chat, with a slash at its end. Gives [{room, seq}], each once. The address of a thread names
// its root, that of a reply in it also the reply: `rooms/garden/?thread=4#m9`.
export function messageLinks(text, base) {
  const found = new Map();
  const plain = text.replace(FENCE, " ").replace(CODE, " ").replace(QUOTE, " ");
  for (let at = plain.indexOf(base); at >= 0; at = plain.indexOf(base, at + base.length)) {
    if (plain[at - 1] === "<") continue;
    const rest = plain.slice(at + base.length);
    const link = /^rooms\/([\w.%-]{1,200})\/(?:\?thread=(\d{1,15}))?(?:#m(\d{1,15}))?(?![\w/?&#=-])/.exec(rest);
    const seq = Number(link?.[3] ?? link?.[2]);
    if (link && seq) found.set(`${link[1]} ${seq}`, { room: link[1], seq });
  }
  return [...found.values()].slice(0, MAX);
}
