// Binds the rows of the emoji picker to the scroll position and the keyboard focus.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

// Rows drawn above and below the visible rows, for the next frame of scrolling.
const BEYOND_ROWS = 3;
const MIRRORED = { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" };

// `cell`: the height of a row in pixels. `query`: a new one scrolls the rows back to the top.
export function useEmojiGrid(rows, { cell, query, field }) {
  const list = useRef(null);
  const focusDue = useRef(false);
  const [top, setTop] = useState(0);
  const [at, setAt] = useState(null);
  const place = rows.has(at) ? at : null;
  // A key in the search field draws only the visible rows. Those around them, a third of all, follow after the frame.
  const [settled, setSettled] = useState(null);
  useEffect(() => setSettled(query), [query]);
  const beyond = settled === query ? BEYOND_ROWS * cell : 0;
  const seen = list.current?.clientHeight ?? 7 * cell;
  const shown = rows.inView(top - beyond, top + seen + beyond, place?.row);
  // The target of Tab and the first arrow key: the first visible emoji, until an emoji has had the focus.
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
    // Above the first row of a group, keep the group's title in view.
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
