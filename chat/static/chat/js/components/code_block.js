// A code block: coloured if its language is known, with a copy button.

import { useMemo, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { copies } from "./copies.js";
import { html } from "./html.js";

const COPIED_SHOWN_MS = 2_000;

export function CodeBlock({ language, text }) {
  const { lazy, ui } = useApp();
  const [copied, setCopied] = useState(false);
  const copy = copies(ui, text, () => {
    setCopied(true);
    setTimeout(() => setCopied(false), COPIED_SHOWN_MS);
  });
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
