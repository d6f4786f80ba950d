// Marks the hits in the row that a search result opened, for 8 seconds, without changing the row's DOM.

export const MARKED_MS = 8_000;
const WAIT_MS = 4_000;
const NAME = "search-hit";

export function markHits(seq, words) {
  if (!CSS.highlights || !words.length) return;
  const until = performance.now() + WAIT_MS;
  const look = () => {
    const text = document.querySelector(`.log [data-seq="${seq}"] .message__text`);
    if (text) show(rangesIn(text, words));
    else if (performance.now() < until) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

function show(ranges) {
  const marked = new Highlight(...ranges);
  CSS.highlights.set(NAME, marked);
  setTimeout(() => CSS.highlights.get(NAME) === marked && CSS.highlights.delete(NAME), MARKED_MS);
}

function rangesIn(root, words) {
  const ranges = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.nodeValue ?? "";
    for (const word of words) {
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, at + word.length);
        ranges.push(range);
      }
    }
  }
  return ranges;
}
