// The grid of the emoji picker. It draws only the rows in view: Unicode has some 1,900 emoji.

import { t } from "../i18n/i18n.js";
import { inTone } from "../text/emoji.js";
import { html } from "./html.js";
import { Sign } from "./sign.js";

// `grid`: what `useEmojiGrid` returns.
export function EmojiGrid({ rows, grid, tone, onPick, onPoint }) {
  return html`<div class="picker__list" translate="no" ref=${grid.list} onScroll=${grid.onScroll}>
    <div class="emoji-rows" role="grid" aria-label=${t("Emoji")} aria-rowcount=${rows.all.length}
      aria-colcount=${rows.columns} style=${{ height: `${rows.height}px` }}>
      ${grid.shown.map((index) => {
        const { title, list, top, height } = rows.all[index];
        return html`<div key=${index} class="emoji-rows__row" role="row" aria-rowindex=${index + 1}
          style=${{ top: `${top}px`, height: `${height}px`, "--columns": rows.columns }}>
          ${
            list
              ? list.map((entry, column) => {
                  const here = { row: index, column };
                  const first = grid.at?.row === index && grid.at.column === column;
                  return html`<${Cell} key=${entry.emoji} ...${{ entry, column, first, tone, onPick, onPoint }}
                    onFocus=${() => grid.setAt(here)} />`;
                })
              : html`<div class="popover__head" role="rowheader" aria-colspan=${rows.columns}>${title}</div>`
          }
        </div>`;
      })}
    </div>
  </div>`;
}

// `first`: whether Tab focuses this cell.
function Cell({ entry, column, first, tone, onPick, onPoint, onFocus }) {
  const sign = inTone(entry, tone);
  // Unicode emoji get no component: a search draws dozens per key press.
  const drawn = sign.startsWith(":") ? html`<${Sign} sign=${sign} />` : sign;
  const point = () => onPoint(entry);
  const focus = () => {
    onFocus();
    point();
  };
  return html`<div role="gridcell" aria-colindex=${column + 1}><button type="button" tabindex=${first ? 0 : -1}
    aria-label=${entry.label} onClick=${(event) => onPick(sign, event.shiftKey)} onPointerEnter=${point}
    onFocus=${focus}>${drawn}</button></div>`;
}
