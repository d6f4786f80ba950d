// Keyboard shortcuts that work wherever the focus is, except Ctrl K, which works before this module loads.

import { pickFiles } from "./composer_bar.js";
import { html } from "./html.js";

export function onShortcut(event, app) {
  const { ui } = app;
  const mod = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  let act = /** @type {(() => void) | null} */ (null);
  if (mod && key === "/") act = () => ui.openDialog(({ Shortcuts }) => html`<${Shortcuts} />`);
  else if (mod && key === "u" && app.attachments.may(ui.room.value))
    act = () => pickFiles((files) => app.attachments.add(ui.room.value, files));
  else if (mod && event.shiftKey && key === "f") act = () => app.pane.open("search", `in:${ui.room.value}`);
  else if (mod && event.shiftKey && key === "m") act = () => app.pane.toggle("inbox");
  else if (event.altKey && !mod && key === "t") act = () => app.pane.toggle("threads");
  else if (event.altKey && !mod && (key === "arrowup" || key === "arrowdown"))
    act = () => stepRoom(key === "arrowup" ? -1 : 1, { unread: event.shiftKey });
  else if (event.ctrlKey && key === "f6") act = () => nextRegion(event.shiftKey ? -1 : 1);
  else if (key === "escape" && ui.sidebarOpen.value) act = () => (ui.sidebarOpen.value = false);
  else if (key === "escape" && !event.defaultPrevented && leavesPane(app)) act = () => app.pane.close();
  if (!act || ui.hasDialog) return;
  event.preventDefault();
  act();
}

// Opens the next room in the sidebar's order. `unread`: the next room with unread messages.
function stepRoom(step, { unread }) {
  const links = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#sidebar a.room"))];
  const at = links.findIndex((link) => link.getAttribute("aria-current"));
  for (let tried = 1; tried <= links.length; tried += 1) {
    const link = links[(at + step * tried + links.length * tried) % links.length];
    if (!unread || link.classList.contains("unread")) {
      link.click();
      return;
    }
  }
}

// Whether Escape closes the pane: if it covers the conversation, or if the focus is not elsewhere.
function leavesPane({ pane, ui }) {
  const focused = document.activeElement;
  const elsewhere = focused && focused !== document.body && !focused.closest("#pane");
  return pane.shown.value && (ui.narrow || !elsewhere);
}

// Moves the focus through the sidebar, header, messages, composer and pane, in this order.
function nextRegion(step) {
  const regions = ["#sidebar", ".head", ".scroll", "#composer", "#pane"]
    .flatMap((selector) => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(selector)].slice(0, 1)))
    .filter((region) => region.checkVisibility({ visibilityProperty: true }));
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  const region = regions[(at + step + regions.length) % regions.length];
  const target = region.matches("[tabindex]") ? region : firstIn(region);
  target?.focus();
}

// The current item or the text field, else the first link or button in view.
const firstIn = (region) =>
  region.querySelector("[aria-current], textarea") ??
  [...region.querySelectorAll("a[href], button:not([disabled])")].find((one) => one.checkVisibility());
