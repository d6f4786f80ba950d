// Menus and other popovers: one at a time, next to the element that opened them, closed by Esc or a click elsewhere.

import { useLayoutEffect, useRef } from "preact/hooks";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

const GAP_PX = 6;
const EDGE_PX = 8;

// Draws the open popover. `anchor`: an element, or null for a sheet at the bottom of a phone's screen.
export function MenuLayer() {
  const { lazy, ui, touch } = useApp();
  const ref = useRef(null);
  const menu = ui.menu.value;
  const parts = menu && lazy.onRequest.value;
  useLayoutEffect(() => {
    if (!parts) return;
    const watch = new ResizeObserver(() => menu.anchor && place(ref.current, menu.anchor));
    if (menu.anchor) place(ref.current, menu.anchor);
    // A person card grows when its data arrives.
    watch.observe(ref.current);
    // Touch needs no preselected item, and focusing a field would open the on-screen keyboard.
    const first = touch
      ? null
      : ref.current.querySelector("input, [role^=menuitem], [role=radio][aria-checked=true], button");
    (first ?? ref.current).focus({ preventScroll: true });
    menu.anchor?.setAttribute("aria-expanded", "true");
    return () => {
      watch.disconnect();
      menu.anchor?.removeAttribute("aria-expanded");
    };
  }, [menu, parts]);
  if (!parts) return null;
  const sheet = menu.anchor ? "" : " sheet";
  const onKeyDown = (event) => {
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      ui.closeMenu();
    } else {
      moveFocus(event, ref.current);
    }
  };
  return html`<div class=${`backdrop${sheet}`} onPointerDown=${() => ui.closeMenu()}></div>
    <div class=${`popover menu${sheet}`} data-testid="popover" tabindex="-1" ref=${ref}
      onKeyDown=${onKeyDown}>${menu.content(parts)}</div>`;
}

// `items`: "rule", or {icon, label, run, danger, sub, checked}; `checked`: set only on the items of a radio group.
export function Menu({ label, items }) {
  const { ui } = useApp();
  return html`<div class="options" role="menu" aria-label=${label}>
    ${items.map((item) =>
      item === "rule"
        ? html`<div class="rule" role="separator"></div>`
        : html`<button type="button" role=${item.checked === undefined ? "menuitem" : "menuitemradio"} tabindex="-1"
            aria-checked=${item.checked} class=${item.danger ? "option danger" : "option"}
            onClick=${() => {
              ui.closeMenu();
              item.run();
            }}>
            <${Icon} name=${item.checked ? "check" : item.icon} /><b>${item.label}</b>
            ${item.sub && html`<span class="sub">${item.sub}</span>`}
          </button>`,
    )}
  </div>`;
}

function moveFocus(event, root) {
  const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
  if (!step || event.target.matches("input, textarea")) return;
  const items = [...root.querySelectorAll("[role^=menuitem], .emoji-grid button")];
  if (!items.length) return;
  event.preventDefault();
  const row = event.target.closest(".emoji-grid") && Math.abs(step) === 1 ? 8 : 1;
  const at = items.indexOf(document.activeElement) + step * row;
  items[Math.max(0, Math.min(items.length - 1, at))].focus();
}

// Below the anchor if there is room, else above it; always inside the window.
function place(menu, anchor) {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = at.bottom + GAP_PX + height <= innerHeight - EDGE_PX;
  const top = below ? at.bottom + GAP_PX : Math.max(EDGE_PX, at.top - GAP_PX - height);
  const left = Math.max(EDGE_PX, Math.min(at.right - width, innerWidth - width - EDGE_PX));
  menu.style.top = `${top}px`;
  menu.style.left = `${at.left + width <= innerWidth - EDGE_PX && at.left < innerWidth / 2 ? Math.max(EDGE_PX, at.left) : left}px`;
}
