// Marked text as elements. `markdown.js` gives a tree without markup; here each kind gets its element.

import "../i18n/i18n_deferred.js";

import { useMemo, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { parseMarkdown } from "../text/markdown.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { PersonLink } from "./person_link.js";

const HAS_NAMES = /:[\w+-]{1,32}:/;
// Trees by message state, each with the text it was read from: all of it, or what a folded message shows.
const trees = new WeakMap();

export function MarkdownView({ message, text, note }) {
  const { lazy } = useApp();
  const blocks = treeOf(message, text, HAS_NAMES.test(text) ? lazy.emojiNames.value : null);
  const last = blocks.at(-1);
  const inside = note && last?.type === "p";
  return html`<${Nodes} nodes=${inside ? blocks.slice(0, -1) : blocks} />${inside ? html`<p><${Nodes} nodes=${last.children} />${note}</p>` : note}`;
}

function treeOf(message, text, names) {
  const known = trees.get(message);
  if (known?.text !== text || known.names !== names) {
    trees.set(message, {
      text,
      names,
      blocks: parseMarkdown(text, { mentions: message.mentions, emoji: names?.named }),
    });
  }
  return trees.get(message).blocks;
}

function Nodes({ nodes }) {
  return nodes.map((node) => {
    if (typeof node === "string") return node;
    const children = node.children && html`<${Nodes} nodes=${node.children} />`;
    switch (node.type) {
      case "p":
        return html`<p>${children}</p>`;
      case "strong":
        return html`<strong>${children}</strong>`;
      case "em":
        return html`<em>${children}</em>`;
      case "del":
        return html`<del>${children}</del>`;
      case "quote":
        return html`<blockquote>${children}</blockquote>`;
      case "ul":
        return html`<ul>${children}</ul>`;
      case "ol":
        return html`<ol class=${node.sign === ")" ? "paren" : undefined}>${children}</ol>`;
      case "li":
        return html`<li value=${node.number || undefined}>${children}</li>`;
      case "heading":
        return html`<p class="heading"><strong>${children}</strong></p>`;
      case "table":
        return html`<div class="table" tabindex="0" role="group" aria-label=${t("Table")}><table>${children}</table></div>`;
      case "tr":
        return html`<tr>${children}</tr>`;
      case "th":
        return html`<th scope="col" class=${node.side || undefined}>${children}</th>`;
      case "td":
        return html`<td class=${node.side || undefined}>${children}</td>`;
      case "br":
        return html`<br />`;
      case "pre":
        return html`<${CodeBlock} language=${node.language} text=${node.text} />`;
      case "code":
        return html`<code>${node.text}</code>`;
      case "link":
        return html`<${Link} ...${node} />`;
      case "mention":
        return html`<${Mention} username=${node.username} />`;
      default:
        return html`<${RoomLink} slug=${node.slug} />`;
    }
  });
}

// The words may say anything, so the address is told in the title. Mail is written in this window's place.
function Link({ href, text }) {
  if (/^mailto:/i.test(href)) return html`<a href=${href} rel="noopener noreferrer nofollow">${text}</a>`;
  return html`<a href=${href} title=${text === href ? undefined : href} target="_blank" rel="noopener noreferrer nofollow">${text}</a>`;
}

function Mention({ username }) {
  const { store } = useApp();
  const mine = username.toLowerCase() === store.me.value.username.toLowerCase();
  return html`<${PersonLink} username=${username} class=${mine ? "mention me" : "mention"} title=${store.nameOf(username)}>@${username}<//>`;
}

// A room that its reader does not know stays a word.
function RoomLink({ slug }) {
  const app = useApp();
  if (!app.store.room(slug)) return `#${slug}`;
  const open = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    app.openRoom(slug);
  };
  return html`<a class="mention" href=${`/rooms/${slug}/`} onClick=${open}>#${slug}</a>`;
}

function CodeBlock({ language, text }) {
  const { lazy } = useApp();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 2_000);
    } catch {
      // No clipboard without https: the text can still be selected.
    }
  };
  const highlighter = language ? lazy.highlight.value : null;
  const nodes = useMemo(() => highlighter?.highlight(text, language) ?? [text], [highlighter, text, language]);
  return html`<figure class="code" dir="ltr" translate="no">
    <figcaption>${language || t("code")}<button type="button" onClick=${copy}>${copied ? t("Copied") : t("Copy")}</button></figcaption>
    <pre tabindex="0"><code><${Coloured} nodes=${nodes} /></code></pre>
  </figure>`;
}

const Coloured = ({ nodes }) =>
  nodes.map((node) =>
    typeof node === "string" ? node : html`<span class=${node.className}><${Coloured} nodes=${node.children} /></span>`,
  );
