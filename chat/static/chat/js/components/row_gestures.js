// How the pointer, touch or focus makes a row show its actions.

import { useRef, useState } from "preact/hooks";

const LONG_PRESS_MS = 450;
const TOOLBAR_ABOVE_PX = 30;

// On touch, a long press opens the actions that the toolbar shows elsewhere.
export function useLongPress(open) {
  const timer = useRef(0);
  const stop = () => clearTimeout(timer.current);
  return {
    onTouchStart: (event) => {
      event.stopPropagation();
      stop();
      timer.current = setTimeout(open, LONG_PRESS_MS);
    },
    onTouchMove: stop,
    onTouchEnd: stop,
    onTouchCancel: stop,
  };
}

// Returns `active`: null without pointer and focus on the row, else where its toolbar has room, "above" or "inside".
export function useActive(ui) {
  const [active, setActive] = useState(null);
  const activate = (event) => {
    if (event.pointerType === "touch") return;
    const row = event.currentTarget;
    const room = row.getBoundingClientRect().top - row.closest(".scroll, .pane__body").getBoundingClientRect().top;
    setActive(room < TOOLBAR_ABOVE_PX ? "inside" : "above");
  };
  const calm = (event) => {
    if (event.type === "focusout" && event.currentTarget.contains(event.relatedTarget)) return;
    // The menu of the toolbar is open: keep its anchor visible.
    if (event.currentTarget.contains(ui.menu.value?.anchor ?? null)) return;
    setActive(null);
  };
  return { active, onPointerEnter: activate, onPointerLeave: calm, onFocusIn: activate, onFocusOut: calm };
}
