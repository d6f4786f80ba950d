// The links of a text as the reader sees them: none from code, each address once. Pure.

import { parseMarkdown } from "./markdown.js";

// [{href, text}] in order. `text` is the link's words, or its address. Mail addresses do not count.
export function linksIn(text) {
  const found = new Map();
  collect(parseMarkdown(text), found);
  return [...found.values()];
}

function collect(nodes, found) {
  for (const node of nodes) {
    if (node.type === "link") {
      if (/^https?:/i.test(node.href) && !found.has(node.href))
        found.set(node.href, { href: node.href, text: node.text });
    } else if (node.children) collect(node.children, found);
  }
}
