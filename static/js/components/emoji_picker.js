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
  const groups = query.trim()
    ? [[t("Found"), table?.find(query.trim(), FOUND_MAX) ?? []]]
    : [
        [
          t("Often used"),
          emoji.list.map((sign) => ({
            ...(table?.entryOf(sign) ?? { name: sign, label: sign }),
            emoji: sign,
            toned: "",
          })),
        ],
        ...(table?.groups ?? []),
      ];
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
    <div class="picker__search"><input class="input" type="search" placeholder=${t("Search emoji")} aria-label=${t("Search emoji")} value=${query}
      onInput=${onInput} onKeyDown=${onKeyDown} /></div>
    <div class="picker__list" translate="no">
      ${groups.map(
        ([
          title,
          list,
        ]) => html`<section key=${title}><div class="popover__head">${list.length ? title : table ? t("None found") : t("Loading")}</div>
          <div class="emoji-grid">${list.map((entry) => {
            const sign = inTone(entry, tone);
            return html`<button type="button" key=${entry.emoji} aria-label=${entry.label} onClick=${() => pick(sign)}
              onPointerEnter=${() => setPointed(entry)} onFocus=${() => setPointed(entry)}>${sign}</button>`;
          })}</div></section>`,
      )}
    </div>
    <div class="popover__foot picker__foot"><span class="picker__name" translate="no">${pointed ? html`<span class="emoji-sign">${inTone(pointed, tone)}</span> :${pointed.name}:` : t("Pick one")}</span>
      <${Tones} tone=${tone} onChoose=${choose} /></div>
  </div>`;
}

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
      (name, index) =>
        html`<button type="button" role="radio" aria-checked=${tone === index} aria-label=${name} title=${name} onClick=${() => onChoose(index)}>${inTone({ emoji: "✋", toned: "✋🏻" }, index)}</button>`,
    )}
  </span>`;
}
