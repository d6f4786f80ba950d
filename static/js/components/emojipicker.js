// A small grid of emoji with a search field.

import { useState } from "preact/hooks";

import { findEmoji, GROUPS, nameOfEmoji } from "../emoji.js";
import { html } from "../html.js";
import { t } from "../words.js";
import { useApp } from "./context.js";

export function EmojiPicker({ onPick }) {
  const { emoji, ui } = useApp();
  const [query, setQuery] = useState("");
  const [pointed, setPointed] = useState(null);
  const pick = (sign) => {
    ui.closeMenu();
    emoji.use(sign);
    onPick(sign);
  };
  const groups = query.trim()
    ? [[t("Found"), findEmoji(query.trim(), 40)]]
    : [[t("Often used"), emoji.list.map((sign) => ({ emoji: sign, name: nameOfEmoji(sign) }))], ...GROUPS];
  const first = groups[0][1][0];
  const onInput = (event) => {
    setQuery(event.currentTarget.value);
    setPointed(null);
  };
  const onKeyDown = (event) => {
    if (event.key === "Enter" && first) {
      event.preventDefault();
      pick(first.emoji);
    }
  };
  return html`<div class="picker" role="dialog" aria-label=${t("Pick an emoji")}>
    <div class="picker__q"><input class="inp" type="search" placeholder=${t("Search emoji")} aria-label=${t("Search emoji")} value=${query}
      onInput=${onInput} onKeyDown=${onKeyDown} /></div>
    <div class="picker__s">
      ${groups.map(
        ([title, list]) => html`<div class="pop__h">${list.length ? title : t("None found")}</div>
          <div class="emg">${list.map(
            (entry) => html`<button type="button" aria-label=${entry.name.replaceAll("_", " ")} onClick=${() => pick(entry.emoji)}
              onPointerEnter=${() => setPointed(entry)} onFocus=${() => setPointed(entry)}>${entry.emoji}</button>`,
          )}</div>`,
      )}
    </div>
    <div class="pop__f picker__f">${pointed ? html`<span class="emo">${pointed.emoji}</span> :${pointed.name.replaceAll(" ", "_")}:` : t("Pick one")}</div>
  </div>`;
}
