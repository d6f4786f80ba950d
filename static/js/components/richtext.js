// Message text as elements. `markdown.js` gives a tree without markup; here each kind gets its element.

import { useMemo, useState } from "preact/hooks";

import { html } from "../html.js";
import { FOLD_LINES, foldedText, isEmojiOnly, isPlain } from "../text.js";
import { useApp } from "./context.js";

// Trees by message state and by how much of it is read: states never change, so neither do their trees.
const trees = new WeakMap();
const foldedTrees = new WeakMap();

export function RichText({ message, note }) {
  const [unfolded, setUnfolded] = useState(false);
  const text = message.message;
  const after = note && html` ${note}`;
  if (isEmojiOnly(text)) return html`<div class="tx emoji" dir="auto">${text}${after}</div>`;
  const folded = unfolded ? null : foldedText(text);
  const body = html`<${Body} message=${message} text=${folded ?? text} known=${folded === null ? trees : foldedTrees} note=${folded === null && after} />`;
  if (folded === null) return html`<div class="tx" dir="auto">${body}</div>`;
  const lines = text.trimEnd().split("\n").length;
  const unfold = (event) => {
    event.currentTarget.dispatchEvent(new CustomEvent("unfold", { bubbles: true }));
    setUnfolded(true);
  };
  return html`<div class="tx" dir="auto">
    <div class="fold">${body}</div>
    <button type="button" class="lb" onClick=${unfold}>${lines > FOLD_LINES ? `Show all ${lines} lines` : "Show all"}</button>${after}
  </div>`;
}

// Until the marks can be read, the words stand as they were written.
function Body({ message, text, known, note }) {
  const { late } = useApp();
  const markdown = isPlain(text) ? null : late.markdown.value;
  if (!markdown) return html`<p>${text}${note}</p>`;
  if (!known.has(message)) known.set(message, markdown.parseMarkdown(text, { mentions: message.mentions }));
  const blocks = known.get(message);
  const last = blocks.at(-1);
  const inside = note && last?.type === "p";
  return html`<${Nodes} nodes=${inside ? blocks.slice(0, -1) : blocks} />${inside ? html`<p><${Nodes} nodes=${last.children} />${note}</p>` : note}`;
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
        return html`<ol start=${node.start}>${children}</ol>`;
      case "li":
        return html`<li>${children}</li>`;
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

// The words may say anything, so the address is told in the title.
function Link({ href, text }) {
  return html`<a href=${href} title=${text === href ? undefined : href} target="_blank" rel="noopener noreferrer nofollow">${text}</a>`;
}

function Mention({ username }) {
  const { store } = useApp();
  const mine = username.toLowerCase() === store.me.value.username.toLowerCase();
  return html`<span class=${mine ? "men me" : "men"} title=${store.nameOf(username)}>@${username}</span>`;
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
  return html`<a class="men" href=${`/rooms/${slug}/`} onClick=${open}>#${slug}</a>`;
}

function CodeBlock({ language, text }) {
  const { late } = useApp();
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
  const highlighter = language ? late.highlight.value : null;
  const nodes = useMemo(() => highlighter?.highlight(text, language) ?? [text], [highlighter, text, language]);
  return html`<figure class="code" dir="ltr">
    <figcaption>${language || "code"}<button type="button" onClick=${copy}>${copied ? "Copied" : "Copy"}</button></figcaption>
    <pre tabindex="0"><code><${Coloured} nodes=${nodes} /></code></pre>
  </figure>`;
}

const Coloured = ({ nodes }) => nodes.map((node) => (typeof node === "string" ? node : html`<span class=${node.className}><${Coloured} nodes=${node.children} /></span>`));
