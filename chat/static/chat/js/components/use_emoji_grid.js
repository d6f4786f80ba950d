// Binds the rows of the emoji picker to what is drawn: how far it is scrolled, and where the keyboard is.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

// Rows that are drawn above and below those in view, for what a frame of scrolling brings.
const BEYOND_ROWS = 3;
const MIRRORED = { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" };

// `cell`: the height of a row in pixels; `query`: with another one the rows begin at the top.
export function useEmojiGrid(rows, { cell, query, field }) {
  const list = useRef(null);
  const focusDue = useRef(false);
  const [top, setTop] = useState(0);
  const [at, setAt] = useState(null);
  const place = rows.has(at) ? at : null;
  // A key of a search is answered by the rows in view; those around them, a third of all, follow the frame.
  const [settled, setSettled] = useState(null);
  useEffect(() => setSettled(query), [query]);
  const beyond = settled === query ? BEYOND_ROWS * cell : 0;
  const seen = list.current?.clientHeight ?? 7 * cell;
  const shown = rows.inView(top - beyond, top + seen + beyond, place?.row);
  // Where Tab and the first arrow lead: the first emoji in view, until the keyboard is somewhere.
  const first = shown.find((row) => rows.all[row].list && rows.all[row].top >= top);
  const here = place ?? (first === undefined ? null : { row: first, column: 0 });
  useLayoutEffect(() => {
    list.current.scrollTop = 0;
    setTop(0);
    setAt(null);
  }, [query]);
  useLayoutEffect(() => {
    if (!focusDue.current || !place) return;
    focusDue.current = false;
    list.current.querySelector("[tabindex='0']").focus({ preventScroll: true });
  }, [at]);
  const go = (to) => {
    const { top: above, height } = rows.all[to.row];
    const { scrollTop, clientHeight } = list.current;
    // With the title of a group in view above its first row.
    const title = rows.all[to.row - 1]?.list ? 0 : rows.all[to.row - 1].height;
    if (above - title < scrollTop) list.current.scrollTop = above - title;
    else if (above + height > scrollTop + clientHeight) list.current.scrollTop = above + height - clientHeight;
    focusDue.current = true;
    setAt({ ...to });
  };
  const onKey = (event) => {
    const inside = event.target.closest("[role=gridcell]");
    if (!inside && (event.target !== field.current || event.key !== "ArrowDown")) return;
    const mirrored = getComputedStyle(list.current).direction === "rtl" && MIRRORED[event.key];
    const page = Math.max(1, Math.floor(list.current.clientHeight / cell) - 1);
    if (!here) return;
    const to = inside ? rows.next(here, mirrored || event.key, { whole: event.ctrlKey, page }) : here;
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (to) go(to);
    else field.current.focus();
  };
  const showGroup = (group) => {
    list.current.scrollTop = rows.topOf(group);
    setAt(rows.firstOf(group));
  };
  const onScroll = () => setTop(list.current.scrollTop);
  return { list, shown, at: here, setAt, onScroll, onKey, showGroup };
}
