// All emoji in groups, with a search field, tabs, and a choice of skin.

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { inTone } from "../text/emoji.js";
import { AddEmoji } from "./add_emoji.js";
import { useApp } from "./context.js";
import { EmojiGrid, moveInGrid } from "./emoji_grid.js";
import { Tones } from "./emoji_tones.js";
import { html } from "./html.js";
import { Sign } from "./sign.js";

const FOUND_MAX = 80;

export function EmojiPicker({ onPick }) {
  const { emoji, lazy, ui } = useApp();
  const list = useRef(null);
  const field = useRef(null);
  const [query, setQuery] = useState("");
  const [pointed, setPointed] = useState(null);
  const [tone, setTone] = useState(emoji.tone);
  // Enter was pressed before the table was there: the first one found is picked when it comes.
  const [due, setDue] = useState(false);
  const table = lazy.emoji.value;
  const own = lazy.emojiNames.value?.own;
  const pick = (sign, stays) => {
    if (!stays) ui.closeMenu();
    emoji.use(sign);
    onPick(sign);
  };
  // What was often used stays in its place while the picker is open.
  const [often] = useState(emoji.list);
  const groups = groupsFor(query.trim(), table, often, own);
  const [first] = groups[0].list;
  const onInput = (event) => {
    setQuery(event.currentTarget.value);
    setPointed(null);
    setDue(false);
  };
  const onEnter = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (first) pick(inTone(first, tone), event.shiftKey);
    else setDue(!table);
  };
  useEffect(() => {
    if (due && first) pick(inTone(first, tone), false);
  }, [table]);
  const choose = (next) => {
    emoji.tone = next;
    setTone(next);
  };
  return html`<div class="picker" role="dialog" aria-label=${t("Pick an emoji")} aria-busy=${!table}
    onKeyDown=${(event) => moveInGrid(event, list.current, field.current)}>
    <div class="picker__search">
      <input class="input" type="search" placeholder=${t("Search emoji")} aria-label=${t("Search emoji")} value=${query}
        ref=${field} onInput=${onInput} onKeyDown=${onEnter} /></div>
    <${Tabs} groups=${groups} list=${list} />
    <div class="picker__list" translate="no" ref=${list}>
      ${groups.map(
        (group) => html`<section key=${group.title}>
          <div class="popover__head">${group.list.length ? group.title : table ? t("None found") : t("Loading")}</div>
          <${EmojiGrid} list=${group.list} tone=${tone} onPick=${pick} onPoint=${setPointed} />
        </section>`,
      )}
    </div>
    <div class="popover__foot picker__foot">
      <span class="picker__name" translate="no">${pointed ? pointedText(pointed, tone) : html`<${AddButton} own=${own} />`}</span>
      <${Tones} tone=${tone} onChoose=${choose} /></div>
  </div>`;
}

// What is shown without a word: the emoji of this person, then all of them; with one, what it finds.
function groupsFor(query, table, often, own) {
  if (query) {
    const theirs = (own?.find(query.toLowerCase()) ?? []).map(ownEntry);
    return [{ title: t("Found"), list: [...theirs, ...(table?.find(query, FOUND_MAX) ?? [])].slice(0, FOUND_MAX) }];
  }
  const entryOf = (sign) => ({ ...(table?.entryOf(sign) ?? { name: sign, label: sign }), emoji: sign, toned: "" });
  const unicode = (table?.groups ?? []).map(([title, list]) => ({ title, list }));
  const mine = (own?.list ?? []).map(ownEntry);
  return [
    { title: t("Often used"), list: often.map(entryOf) },
    ...unicode,
    ...(mine.length ? [{ title: t("Of your own"), list: mine }] : []),
  ];
}

const ownEntry = ({ name }) => ({ emoji: `:${name}:`, name, label: name, toned: "" });

const pointedText = (entry, tone) =>
  html`<span class="emoji-sign"><${Sign} sign=${inTone(entry, tone)} /></span> :${entry.name.replace(/^:|:$/g, "")}:`;

// The groups by their first emoji.
function Tabs({ groups, list }) {
  if (groups.length < 2) return null;
  const show = (at) => () => list.current.children[at].scrollIntoView({ block: "start" });
  return html`<div class="picker__tabs" role="toolbar" aria-label=${t("Groups of emoji")}>
    ${groups.map(
      ({ title, list: [first] }, at) => html`<button type="button" key=${title} aria-label=${title} title=${title}
        onClick=${show(at)}>${at && first ? html`<${Sign} sign=${first.emoji} />` : "🕘"}</button>`,
    )}
  </div>`;
}

function AddButton({ own }) {
  const { ui } = useApp();
  const add = () => {
    ui.closeMenu();
    ui.openDialog(() => html`<${AddEmoji} own=${own} />`);
  };
  return own?.mayAdd && html`<button type="button" class="link-button" onClick=${add}>${t("Add emoji")}</button>`;
}
