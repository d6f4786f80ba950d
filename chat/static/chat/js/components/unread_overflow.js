// Buttons at the edges of a list for the unread rows above and below its visible part.

import { useEffect, useState } from "preact/hooks";
import { tn } from "../i18n/i18n.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

const CALLING = {
  above: (n) => tn("{n} mention above", "{n} mentions above", n),
  below: (n) => tn("{n} mention below", "{n} mentions below", n),
};
const WAITING = {
  above: (n) => tn("{n} unread room above", "{n} unread rooms above", n),
  below: (n) => tn("{n} unread room below", "{n} unread rooms below", n),
};
const NOTHING = { above: null, below: null };
// A row counts as hidden when less than this shows.
const SHOWN_PX = 12;

// `scroller`: a ref to the list. `mark`: a selector of the rows to count; their `data-calls` is the number of mentions.
// `rows`: a new array with each render of the list, which makes this component render and measure again.
export function UnreadOverflow({ scroller, mark }) {
  const [hidden, setHidden] = useState(NOTHING);
  const measure = () => {
    const found = hiddenRows(scroller.current, mark);
    setHidden((known) => (told(known) === told(found) ? known : found));
  };
  // Each render may have changed the list.
  useEffect(measure);
  useEffect(() => {
    let frame = 0;
    const later = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(measure);
    };
    const sizes = new ResizeObserver(later);
    sizes.observe(scroller.current);
    scroller.current.addEventListener("scroll", later, { passive: true });
    return () => {
      sizes.disconnect();
      cancelAnimationFrame(frame);
    };
  }, []);
  const show = (row) => {
    row.scrollIntoView({ block: "center" });
    row.focus({ preventScroll: true });
  };
  return html`${hidden.above && html`<${Pill} at="above" ...${hidden.above} onClick=${() => show(hidden.above.nearest)} />`}
    ${hidden.below && html`<${Pill} at="below" ...${hidden.below} onClick=${() => show(hidden.below.nearest)} />`}`;
}

function Pill({ at, calls, rows, onClick }) {
  const text = calls ? CALLING[at](calls) : WAITING[at](rows);
  return html`<button type="button" class=${`edge ${at}${calls ? " at" : ""}`} onClick=${onClick}>
    <${Icon} name="down" small />${text}
  </button>`;
}

function hiddenRows(scroller, mark) {
  const edge = scroller.getBoundingClientRect();
  const rows = [...scroller.querySelectorAll(mark)].filter((row) => row.offsetParent);
  const above = rows.filter((row) => row.getBoundingClientRect().bottom < edge.top + SHOWN_PX);
  const below = rows.filter((row) => row.getBoundingClientRect().top > edge.bottom - SHOWN_PX);
  return { above: summed(above, above.at(-1)), below: summed(below, below[0]) };
}

// `nearest`: the nearest row with mentions, else the nearest row.
function summed(rows, nearest) {
  if (!rows.length) return null;
  const calls = rows.reduce((sum, row) => sum + Number(row.dataset.calls), 0);
  const calling = rows.filter((row) => row.dataset.calls !== "0");
  const one = nearest === rows[0] ? calling[0] : calling.at(-1);
  return { calls, rows: rows.length, nearest: one ?? nearest };
}

const told = ({ above, below }) =>
  [above, below].map((side) => (side ? `${side.calls} ${side.rows} ${side.nearest.href}` : "")).join();
