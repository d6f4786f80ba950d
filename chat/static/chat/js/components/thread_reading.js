// The scroll position in a thread, and how far the user has read it.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useApp } from "./context.js";

const AT_END_PX = 40;
const READ_AFTER_MS = 500;

// Follows the end while the user is there. Keeps the visible line in place when earlier replies load above it.
export function useEnd(body, { rows, log }) {
  const atEnd = useRef(true);
  const before = useRef({ height: 0, low: 0 });
  const [focused, setFocused] = useState(false);
  const scroller = () => body.current?.closest(".pane__body");
  useLayoutEffect(() => {
    const list = scroller();
    if (!list) return;
    // Scroll to the user's own new reply.
    if (rows.at(-1)?.type === "pending") atEnd.current = true;
    if (atEnd.current) list.scrollTop = list.scrollHeight;
    else if (log.low < before.current.low) list.scrollTop += list.scrollHeight - before.current.height;
    before.current = { height: list.scrollHeight, low: log.low };
  }, [rows.length, log.loaded, log.low]);
  return {
    atEnd,
    focused,
    onFocusIn: () => setFocused(true),
    onFocusOut: () => setFocused(false),
    onScroll: ({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) =>
      (atEnd.current = scrollHeight - scrollTop - clientHeight < AT_END_PX),
  };
}

// Marks a followed thread as read while its end is in view.
export function useReading(slug, thread, { log, part }, { atEnd }) {
  const { session } = useApp();
  const last = log.loaded ? log.newest : 0;
  const behind = Boolean(part?.following) && part.unread > 0 && last > part.read_seq;
  useEffect(() => {
    if (!behind) return undefined;
    const tell = () => {
      if (atEnd.current && document.hasFocus() && !document.hidden)
        session.send({ type: "thread_read", room: slug, thread, seq: last });
    };
    const timer = setTimeout(tell, READ_AFTER_MS);
    addEventListener("focus", tell);
    return () => {
      clearTimeout(timer);
      removeEventListener("focus", tell);
    };
  }, [behind, last]);
}
