// A grid of emoji, and the keys that move in it.

import { inTone } from "../text/emoji.js";
import { html } from "./html.js";
import { Sign } from "./sign.js";

export const EmojiGrid = ({ list, tone, onPick, onPoint }) => html`<div class="emoji-grid">
  ${list.map((entry) => {
    const sign = inTone(entry, tone);
    const point = () => onPoint(entry);
    return html`<button type="button" key=${entry.emoji} tabindex="-1" aria-label=${entry.label}
      onClick=${(event) => onPick(sign, event.shiftKey)} onPointerEnter=${point} onFocus=${point}>
      <${Sign} sign=${sign} /></button>`;
  })}
</div>`;

// Arrows move in two dimensions over all grids of `root`, whatever the number of columns; above the first row is `field`.
export function moveInGrid(event, root, field) {
  const from = event.target.closest(".emoji-grid button");
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const down = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step && !down) return;
  if (!from && down !== 1) return;
  event.preventDefault();
  event.stopPropagation();
  const all = [...root.querySelectorAll(".emoji-grid button")].filter((button) => button.offsetParent);
  const next = from ? neighbour(all, from, step && step * (isTurned(root) ? -1 : 1), down) : all[0];
  (next ?? (down === -1 ? field : from)).focus();
}

const isTurned = (root) => getComputedStyle(root).direction === "rtl";

function neighbour(all, from, step, down) {
  const at = all.indexOf(from);
  if (step) return all[at + step];
  // The nearest column of the next row that differs.
  const row = (button) => Math.round(button.getBoundingClientRect().top);
  const center = from.getBoundingClientRect().left;
  const there = all[nextRow(all, at, down, row)];
  if (!there) return undefined;
  const inRow = all.filter((button) => row(button) === row(there));
  const away = (button) => Math.abs(button.getBoundingClientRect().left - center);
  return inRow.reduce((best, button) => (away(button) < away(best) ? button : best));
}

function nextRow(all, at, down, row) {
  const here = row(all[at]);
  let next = at;
  while (all[next] && row(all[next]) === here) next += down;
  return next;
}
