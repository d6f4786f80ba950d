// All emoji in groups, with a search field and a choice of skin.

import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { inTone } from "../text/emoji.js";
import { useApp } from "./context.js";
import { html } from "./html.js";

const FOUND_MAX = 80;

export function EmojiPicker({ onPick }) {
  const { emoji, lazy, ui } = useApp();
  const [query, setQuery] = useState("");
  const [pointed, setPointed] = useState(null);
  const [tone, setTone] = useState(emoji.tone);
  // Enter was pressed before the table was there: the first one found is picked when it comes.
  const [due, setDue] = useState(false);
  const table = lazy.emoji.value;
  const pick = (sign) => {
    ui.closeMenu();
    emoji.use(sign);
    onPick(sign);
  };
  const groups = groupsFor(query.trim(), table, emoji.list);
  const [first] = groups[0][1];
  const onInput = (event) => {
    setQuery(event.currentTarget.value);
    setPointed(null);
    setDue(false);
  };
  const onKeyDown = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (first) pick(inTone(first, tone));
    else setDue(!table);
  };
  useEffect(() => {
    if (due && first) pick(inTone(first, tone));
  }, [table]);
  const choose = (next) => {
    emoji.tone = next;
    setTone(next);
  };
  return html`<div class="picker" role="dialog" aria-label=${t("Pick an emoji")} aria-busy=${!table}>
    <div class="picker__search">
      <input class="input" type="search" placeholder=${t("Search emoji")} aria-label=${t("Search emoji")} value=${query}
        onInput=${onInput} onKeyDown=${onKeyDown} /></div>
    <div class="picker__list" translate="no">
      ${groups.map(
        ([title, list]) => html`<section key=${title}>
          <div class="popover__head">${list.length ? title : table ? t("None found") : t("Loading")}</div>
          <${Grid} list=${list} tone=${tone} onPick=${pick} onPoint=${setPointed} />
        </section>`,
      )}
    </div>
    <div class="popover__foot picker__foot">
      <span class="picker__name" translate="no">${pointed ? pointedText(pointed, tone) : t("Pick one")}</span>
      <${Tones} tone=${tone} onChoose=${choose} /></div>
  </div>`;
}

// What is shown without a word: the emoji of this person, then all of them; with one, what it finds.
function groupsFor(query, table, often) {
  if (query) return [[t("Found"), table?.find(query, FOUND_MAX) ?? []]];
  const entryOf = (sign) => ({ ...(table?.entryOf(sign) ?? { name: sign, label: sign }), emoji: sign, toned: "" });
  return [[t("Often used"), often.map(entryOf)], ...(table?.groups ?? [])];
}

const pointedText = (entry, tone) => html`<span class="emoji-sign">${inTone(entry, tone)}</span> :${entry.name}:`;

const Grid = ({ list, tone, onPick, onPoint }) => html`<div class="emoji-grid">
  ${list.map((entry) => {
    const sign = inTone(entry, tone);
    const point = () => onPoint(entry);
    return html`<button type="button" key=${entry.emoji} aria-label=${entry.label} onClick=${() => onPick(sign)}
      onPointerEnter=${point} onFocus=${point}>${sign}</button>`;
  })}
</div>`;

function Tones({ tone, onChoose }) {
  const names = [
    t("No skin tone"),
    t("Light skin"),
    t("Medium-light skin"),
    t("Medium skin"),
    t("Medium-dark skin"),
    t("Dark skin"),
  ];
  return html`<span class="tones" role="radiogroup" aria-label=${t("Skin tone")}>
    ${names.map(
      (name, index) => html`<button type="button" role="radio" aria-checked=${tone === index} aria-label=${name}
        title=${name} onClick=${() => onChoose(index)}>${inTone({ emoji: "✋", toned: "✋🏻" }, index)}</button>`,
    )}
  </span>`;
}
