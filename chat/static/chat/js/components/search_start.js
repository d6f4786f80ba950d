// The search pane before anything is typed: recent searches, and the filters that narrow one down.

import { useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { takeApart } from "../text/search_query.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { IconButton } from "./icon.js";
import { recent } from "./use_search.js";

const HELP = [
  ["from:ada", t("messages from a person")],
  ["in:lobby", t("in a room")],
  ["with:ada", t("in your direct messages with a person")],
  ["has:link", t("with a link, file, image, code or reaction")],
  ["before:2026-11-01", t("from before that day; also after: and on:")],
  ['"two words"', t("exactly these words")],
  ["-word", t("without a word")],
];

export function SearchStart({ onChange }) {
  const app = useApp();
  const [, setForgotten] = useState(0);
  const forget = (left) => {
    app.memory.set("searches", left);
    setForgotten(Date.now());
  };
  const found = recent(app);
  return html`${
    found.length > 0 &&
    html`<h3>${t("Recent searches")}</h3>
      <ul class="recent">${found.map(
        (query) => html`<li key=${query}>
          <button type="button" class="link-button" onClick=${() => onChange(takeApart(`${query} `))}><bdi>${query}</bdi></button>
          <${IconButton} icon="x" small label=${t("Forget “{query}”", { query })}
            onClick=${() => forget(found.filter((one) => one !== query))} />
        </li>`,
      )}</ul>
      <p class="offer"><button type="button" class="link-button" onClick=${() => forget([])}>${t("Clear all")}</button></p>`
  }
    <h3>${t("Narrow it down")}</h3>
    <dl class="search-help">
      ${HELP.map(([typed, meaning]) => html`<div key=${typed}><dt><code>${typed}</code></dt><dd>${meaning}</dd></div>`)}
    </dl>`;
}
