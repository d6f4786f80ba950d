// All emoji in groups, with a search field, tabs, and a choice of skin tone.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { EmojiRows } from "../state/emoji_rows.js";
import { inTone } from "../text/emoji.js";
import { AddEmoji } from "./add_emoji.js";
import { useApp } from "./context.js";
import { EmojiGrid } from "./emoji_grid.js";
import { groupsFor } from "./emoji_groups.js";
import { EmojiTabs } from "./emoji_tabs.js";
import { Tones } from "./emoji_tones.js";
import { html } from "./html.js";
import { Sign } from "./sign.js";
import { useEmojiGrid } from "./use_emoji_grid.js";

// In pixels: cells large enough for a mouse or a finger; `head` at the default text size.
const ON_DESK = { columns: 8, cell: 40, head: 30 };
const ON_PHONE = { columns: 7, cell: 48, head: 30 };

// `plain`: only Unicode emoji.
export function EmojiPicker({ onPick, plain }) {
  const { emoji, lazy, ui } = useApp();
  const field = useRef(null);
  const [query, setQuery] = useState("");
  const [pointed, setPointed] = useState(null);
  const [tone, setTone] = useState(emoji.tone);
  // Enter was pressed before the table loaded: the first match is picked once it has.
  const [due, setDue] = useState(false);
  const table = lazy.emoji.value;
  const own = plain ? undefined : lazy.emojiNames.value?.own;
  const pick = (sign, stays) => {
    if (!stays) ui.closeMenu();
    emoji.use(sign);
    onPick(sign);
  };
  // Read once: the recent emoji keep their places while the picker is open.
  const [often] = useState(emoji.list);
  const [sizes] = useState(sizesHere);
  const wanted = query.trim();
  const groups = useMemo(
    () => groupsFor(wanted, table, often.slice(0, sizes.columns), own),
    [wanted, table, own?.all.value],
  );
  const rows = useMemo(() => new EmojiRows(groups, sizes), [groups]);
  const grid = useEmojiGrid(rows, { cell: sizes.cell, query: wanted, field });
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
  const onKeyDown = (event) => (event.key === "Tab" ? moveByTab(event) : grid.onKey(event));
  return html`<div class="picker" role="dialog" aria-label=${t("Pick an emoji")} aria-busy=${!table} onKeyDown=${onKeyDown}>
    <div class="picker__search">
      <input class="input" type="search" placeholder=${t("Search emoji")} aria-label=${t("Search emoji")} value=${query}
        ref=${field} onInput=${onInput} onKeyDown=${onEnter} /></div>
    <${EmojiTabs} groups=${groups} onShow=${grid.showGroup} />
    <${EmojiGrid} ...${{ rows, grid, tone }} onPick=${pick} onPoint=${setPointed} />
    <div class="popover__foot picker__foot">
      <span class="picker__name" translate="no">${pointed ? pointedText(pointed, tone) : html`<${AddButton} own=${own} />`}</span>
      <${Tones} tone=${tone} onChoose=${choose} /></div>
  </div>`;
}

const pointedText = (entry, tone) =>
  html`<span class="emoji-sign"><${Sign} sign=${inTone(entry, tone)} /></span> :${entry.name.replace(/^:|:$/g, "")}:`;

function sizesHere() {
  const sizes = matchMedia("(max-width: 45em)").matches ? ON_PHONE : ON_DESK;
  const larger = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  return { ...sizes, head: sizes.head * larger };
}

// Tab moves between the parts of the picker. It must not reach the popover around them, which Tab closes.
function moveByTab(event) {
  const parts = [...event.currentTarget.querySelectorAll("input, button:not([tabindex='-1'])")];
  const next = parts[parts.indexOf(event.target) + (event.shiftKey ? -1 : 1)];
  if (!next) return;
  event.preventDefault();
  event.stopPropagation();
  next.focus();
}

function AddButton({ own }) {
  const { ui } = useApp();
  const add = () => {
    ui.closeMenu();
    ui.openDialog(() => html`<${AddEmoji} own=${own} />`);
  };
  return own?.mayAdd && html`<button type="button" class="link-button" onClick=${add}>${t("Add emoji")}</button>`;
}
