// Message text as nodes. The tokenizer gives a tree without markup; here each kind gets its element.

import { useState } from "preact/hooks";

import { highlight } from "../highlight.js";
import { html } from "../html.js";
import { isEmojiOnly, parseText } from "../text.js";
import { useApp } from "./context.js";

const FOLD_LINES = 24;
// Trees by message state: states never change, so neither do their trees.
const trees = new WeakMap();

export function RichText({ message, note }) {
  const [unfolded, setUnfolded] = useState(false);
  const lines = message.message.split("\n").length;
  if (isEmojiOnly(message.message)) return html`<div class="tx emoji" dir="auto">${message.message}${note}</div>`;
  const blocks = treeOf(message);
  const folds = lines > FOLD_LINES && !unfolded;
  const body = blocks.map((block, index) => html`<${Block} block=${block} note=${index === blocks.length - 1 ? note : null} />`);
  return html`<div class="tx" dir="auto">
    ${folds ? html`<div class="fold">${body}</div>` : body}
    ${folds && html`<button class="lb" onClick=${() => setUnfolded(true)}>Show all ${lines} lines</button>`}
  </div>`;
}

function treeOf(message) {
  if (!trees.has(message)) trees.set(message, parseText(message.message, { mentions: message.mentions }));
  return trees.get(message);
}

function Block({ block, note }) {
  const after = note && html` ${note}`;
  switch (block.type) {
    case "code":
      return html`<${CodeBlock} ...${block} />${note}`;
    case "quote":
      return html`<blockquote><p><${Inline} nodes=${block.children} /></p></blockquote>${note}`;
    case "list": {
      const items = block.items.map((item) => html`<li><${Inline} nodes=${item} /></li>`);
      return html`${block.ordered ? html`<ol start=${block.start}>${items}</ol>` : html`<ul>${items}</ul>`}${note}`;
    }
    default:
      return html`<p><${Inline} nodes=${block.children} />${after}</p>`;
  }
}

function Inline({ nodes }) {
  return nodes.map((node) => {
    if (typeof node === "string") return node;
    switch (node.type) {
      case "strong":
        return html`<strong><${Inline} nodes=${node.children} /></strong>`;
      case "em":
        return html`<em><${Inline} nodes=${node.children} /></em>`;
      case "del":
        return html`<del><${Inline} nodes=${node.children} /></del>`;
      case "code":
        return html`<code>${node.text}</code>`;
      case "link":
        return html`<a href=${node.href} title=${node.text === node.href ? undefined : node.href} target="_blank" rel="noopener noreferrer nofollow">${node.text}</a>`;
      default:
        return html`<${Mention} username=${node.username} />`;
    }
  });
}

function Mention({ username }) {
  const { store } = useApp();
  const mine = username.toLowerCase() === store.me.value.username.toLowerCase();
  return html`<span class=${mine ? "men me" : "men"} title=${store.nameOf(username)}>@${username}</span>`;
}

function CodeBlock({ language, text }) {
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
  const parts = highlight(text, language).map((part) => (part.kind ? html`<span class=${part.kind}>${part.text}</span>` : part.text));
  return html`<figure class="code" dir="ltr">
    <figcaption>${language || "code"}<button type="button" onClick=${copy}>${copied ? "Copied" : "Copy"}</button></figcaption>
    <pre tabindex="0"><code>${parts}</code></pre>
  </figure>`;
}
