// The whole screen: rooms, conversation, members, and what lies over them.

import { useEffect } from "preact/hooks";

import { html } from "../html.js";
import { Composer } from "./composer.js";
import { AppContext, useApp } from "./context.js";
import { Conversation } from "./conversation.js";
import { Header } from "./header.js";
import { Sidebar } from "./sidebar.js";

export function Root({ app }) {
  return html`<${AppContext.Provider} value=${app}><${Screen} /><//>`;
}

function Screen() {
  const app = useApp();
  const { store, ui } = app;
  const slug = ui.room.value;
  const facts = app.factsOf(slug);
  const members = store.room(slug) && ui.membersOpen.value;
  const rest = app.late.rest.here;
  useEffect(() => {
    const onKeyDown = (event) => shortcut(event, app);
    // What is typed for a dialog that is still on its way must not go into a message.
    const hold = (event) => {
      if (app.late.rest.here || !(ui.dialog.value || ui.menu.value)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    addEventListener("keydown", onKeyDown);
    addEventListener("keydown", hold, { capture: true });
    return () => {
      removeEventListener("keydown", onKeyDown);
      removeEventListener("keydown", hold, { capture: true });
    };
  }, []);
  // After the first paint.
  useEffect(() => {
    app.late.rest.fetch();
  }, []);
  return html`<div class=${members ? "app" : "app solo"}>
      <${Sidebar} />
      <main class="main">
        <${Header} slug=${slug} facts=${facts} />
        <div class="over">${rest && html`<${rest.Banners} />`}</div>
        <${Conversation} key=${slug} slug=${slug} facts=${facts} />
        <${Composer} slug=${slug} facts=${facts} />
        ${rest && html`<${rest.Layers} rest=${rest} />`}
      </main>
      ${members && rest && html`<${rest.Members} slug=${slug} facts=${facts} />`}
    </div>`;
}

function shortcut(event, app) {
  const { ui } = app;
  const mod = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  let act = null;
  if (mod && key === "k") act = () => ui.openDialog(({ QuickSwitch }) => html`<${QuickSwitch} />`);
  else if (mod && key === "/") act = () => ui.openDialog(({ Shortcuts }) => html`<${Shortcuts} />`);
  else if (event.altKey && !mod && (key === "arrowup" || key === "arrowdown")) act = () => app.stepRoom(key === "arrowup" ? -1 : 1, { unread: event.shiftKey });
  else if (event.ctrlKey && key === "f6") act = () => nextRegion(event.shiftKey ? -1 : 1);
  else if (key === "escape" && ui.sidebarOpen.value) act = () => (ui.sidebarOpen.value = false);
  else if (key === "escape" && ui.narrow && ui.membersOpen.value) act = () => ui.showMembers(false);
  if (!act || ui.dialog.value) return;
  event.preventDefault();
  act();
}

// Rooms, header, messages, composer, members, in this order.
function nextRegion(step) {
  const regions = ["#sidebar", ".head", ".scroll", "#composer", "#members"].map((selector) => document.querySelector(selector)).filter(Boolean);
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  const region = regions[(at + step + regions.length) % regions.length];
  const target = region.matches("[tabindex]") ? region : region.querySelector("[aria-current], textarea, a[href], button:not([disabled])");
  target?.focus();
}
