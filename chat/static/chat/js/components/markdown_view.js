// Draws formatted text. `markdown.js` returns a tree without markup; here each kind of node gets its element.

import "../i18n/i18n_deferred.js";

import { t } from "../i18n/i18n.js";
import { parseMarkdown } from "../text/markdown.js";
import { CodeBlock } from "./code_block.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Sign } from "./sign.js";
import { Link, Mention, RoomMention } from "./text_links.js";

const HAS_NAMES = /:[\w+-]{1,32}:/;
// Trees by message state, each with the text it was parsed from: the whole text, or what a folded message shows.
const trees = new WeakMap();

export function MarkdownView({ message, text, note }) {
  const { lazy } = useApp();
  const names = HAS_NAMES.test(text) ? lazy.emojiNames.value : null;
  const blocks = treeOf(message, text, names, names?.own.all.value);
  const last = blocks.at(-1);
  const inside = note && last?.type === "p";
  const end = inside ? html`<p><${Nodes} nodes=${last.children} />${note}</p>` : note;
  return html`<${Nodes} nodes=${inside ? blocks.slice(0, -1) : blocks} />${end}`;
}

function treeOf(message, text, names, own) {
  const known = trees.get(message);
  if (known?.text !== text || known.names !== names || known.own !== own) {
    trees.set(message, {
      text,
      names,
      own,
      blocks: parseMarkdown(text, { mentions: message.mentions, emoji: names?.named, own }),
    });
  }
  return trees.get(message).blocks;
}

function Nodes({ nodes }) {
  return nodes.map((node) => {
    if (typeof node === "string") return node;
    const draw = KINDS[node.type] ?? KINDS.room;
    return draw(node, node.children && html`<${Nodes} nodes=${node.children} />`);
  });
}

// Up to three of the server's own emoji and nothing else: shown large.
const isOwnOnly = (nodes) =>
  nodes.some((node) => node.type === "emoji") &&
  nodes.filter((node) => node.type === "emoji").length <= 3 &&
  nodes.every((node) => node.type === "emoji" || (typeof node === "string" && !node.trim()));

// Draws each kind of node, from the node and its drawn children.
const KINDS = {
  p: ({ children }, inside) => html`<p class=${isOwnOnly(children) ? "own-only" : undefined}>${inside}</p>`,
  strong: (_, inside) => html`<strong>${inside}</strong>`,
  em: (_, inside) => html`<em>${inside}</em>`,
  del: (_, inside) => html`<del>${inside}</del>`,
  quote: (_, inside) => html`<blockquote>${inside}</blockquote>`,
  ul: (_, inside) => html`<ul>${inside}</ul>`,
  ol: ({ sign }, inside) => html`<ol class=${sign === ")" ? "paren" : undefined}>${inside}</ol>`,
  li: ({ number }, inside) => html`<li value=${number || undefined}>${inside}</li>`,
  heading: (_, inside) => html`<p class="heading"><strong>${inside}</strong></p>`,
  table: (_, inside) => html`<div class="table" tabindex="0" role="group" aria-label=${t("Table")}>
    <table>${inside}</table>
  </div>`,
  tr: (_, inside) => html`<tr>${inside}</tr>`,
  th: ({ side }, inside) => html`<th scope="col" class=${side || undefined}>${inside}</th>`,
  td: ({ side }, inside) => html`<td class=${side || undefined}>${inside}</td>`,
  br: () => html`<br />`,
  pre: ({ language, text }) => html`<${CodeBlock} language=${language} text=${text} />`,
  code: ({ text }) => html`<code>${text}</code>`,
  link: (node) => html`<${Link} ...${node} />`,
  mention: ({ username }) => html`<${Mention} username=${username} />`,
  emoji: ({ name }) => html`<${Sign} sign=${`:${name}:`} />`,
  room: ({ slug }) => html`<${RoomMention} slug=${slug} />`,
};
