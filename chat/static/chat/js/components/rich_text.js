// What people wrote may be translated by the browser, which puts nodes of its own in the place of ours: words that change
// are drawn anew, by a key, and never mended.
//
// Message text: emoji large, long texts folded, marks read by what is fetched with the first of them.

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
  // Until the marks can be read here, as the server has read them.
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

// What the server has drawn, where it stands; elsewhere a copy. It reads no signal: for who does and did not change, Preact
// forgets that it waits.
function Drawn({ text }) {
  if (text.isConnected) later();
  const fill = (place) => place?.firstChild ?? place?.append(...text.cloneNode(true).childNodes);
  return html`<div data-testid="message-text" class="message__text" dir="auto" translate="yes" ref=${fill}></div>`;
}

// Until the marks can be read, the words stand as they were written.
function Body({ message, text, note }) {
  const { lazy } = useApp();
  const markdown = lazy.markdown.value;
  const names = lazy.emojiNames.here;
  const key = `${markdown ? 1 : 0}${names ? 1 : 0}${text}`;
  if (!markdown) return html`<${Fragment} key=${key}><p>${text}${note}</p><//>`;
  return html`<${Fragment} key=${key}><${markdown.MarkdownView} message=${message} text=${text} note=${note} /><//>`;
}
