// Message text: large if only emoji, folded if long. The first text with Markdown fetches the module that draws it.
//
// Browser translation replaces our text nodes with its own: changed text gets a new key and is rendered from scratch,
// never patched.

import { Fragment } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { FOLD_LINES, foldedText, isEmojiOnly, isPlain, mayBeEmojiOnly } from "../text/excerpt.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { later } from "./use_turn.js";

export function RichText({ message, note }) {
  const [unfolded, setUnfolded] = useState(false);
  const { first, lazy } = useApp();
  const text = message.message;
  const signs = mayBeEmojiOnly(text) ? lazy.emojiNames.value?.inText(text) : text;
  const after = note && html` ${note}`;
  if (signs && isEmojiOnly(signs))
    return html`<div data-testid="message-text" class="message__text emoji" dir="auto" key=${signs}>${signs}${after}</div>`;
  // Until the Markdown module is here, show the server's rendering.
  const drawn = first.textOf(message);
  if (drawn && (message.forwarded || (!isPlain(text) && !lazy.markdown.value))) return html`<${Drawn} text=${drawn} />`;
  const folded = unfolded ? null : foldedText(text);
  const shown = folded ?? text;
  const said = folded === null && after;
  const body = isPlain(shown)
    ? html`<p key=${shown}>${shown}${said}</p>`
    : html`<${Body} message=${message} text=${shown} note=${said} />`;
  if (folded === null)
    return html`<div data-testid="message-text" class="message__text" dir="auto" translate="yes">${body}</div>`;
  const lines = text.trimEnd().split("\n").length;
  const all = lines > FOLD_LINES ? t("Show all {n} lines", { n: lines }) : t("Show all");
  const unfold = (event) => {
    event.currentTarget.dispatchEvent(new CustomEvent("unfold", { bubbles: true }));
    setUnfolded(true);
  };
  return html`<div data-testid="message-text" class="message__text" dir="auto" translate="yes">
    <div class="fold" data-testid="folded">${body}</div>
    <button type="button" class="link-button" onClick=${unfold}>${all}</button>${after}
  </div>`;
}

// The server's own elements where they are still in the page; elsewhere a copy. It must not read a signal: Preact would
// skip it while unchanged, and forget that it waits.
function Drawn({ text }) {
  if (text.isConnected) later();
  const fill = (place) => place?.firstChild ?? place?.append(...text.cloneNode(true).childNodes);
  return html`<div data-testid="message-text" class="message__text" dir="auto" translate="yes" ref=${fill}></div>`;
}

// Until the Markdown module is here, the text is shown as it was typed.
function Body({ message, text, note }) {
  const { lazy } = useApp();
  const markdown = lazy.markdown.value;
  const names = lazy.emojiNames.here;
  const key = `${markdown ? 1 : 0}${names ? 1 : 0}${text}`;
  if (!markdown) return html`<${Fragment} key=${key}><p>${text}${note}</p><//>`;
  return html`<${Fragment} key=${key}><${markdown.MarkdownView} message=${message} text=${text} note=${note} /><//>`;
}
