// How a pointer, a finger or the focus asks a row for what can be done with it.

import { useRef, useState } from "preact/hooks";

const LONG_PRESS_MS = 450;
const TOOLBAR_ABOVE_PX = 30;

// On touch a long press opens what the toolbar holds elsewhere.
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

// Whether the pointer or the focus is on a row, and where its toolbar has room: null, "above" or "inside".
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
    // Its menu is open: what it belongs to stays in sight.
    if (event.currentTarget.contains(ui.menu.value?.anchor ?? null)) return;
    setActive(null);
  };
  return { active, onPointerEnter: activate, onPointerLeave: calm, onFocusIn: activate, onFocusOut: calm };
}
