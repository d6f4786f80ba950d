// The whole screen: the sidebar, the conversation, the pane beside it, and the layers over them.

import { useEffect } from "preact/hooks";
import { Composer } from "./composer.js";
import { AppContext, useApp } from "./context.js";
import { Conversation } from "./conversation.js";
import { Header } from "./header.js";
import { html } from "./html.js";
import { Sidebar } from "./sidebar.js";

const SIGNS = ["pointermove", "pointerdown", "keydown"];

export function Root({ app }) {
  return html`<${AppContext.Provider} value=${app}><${Screen} /><//>`;
}

function Screen() {
  const app = useApp();
  const { ui } = app;
  const slug = ui.room.value;
  const facts = app.factsOf(slug);
  const beside = app.pane.kind;
  const deferred = app.lazy.deferred.here;
  useEffect(() => {
    const onKeyDown = (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        if (!ui.hasDialog) ui.openDialog(({ QuickSwitch }) => html`<${QuickSwitch} />`);
      } else {
        app.lazy.deferred.here?.onShortcut(event, app);
      }
    };
    // Keys typed for a dialog or menu that is still loading must not go into a message.
    const hold = (event) => {
      if (ui.dialog.value && !ui.dialog.value.shown) {
        if (event.key !== "Escape") return ui.ahead.key(event);
        const { opener } = ui.dialog.value;
        ui.closeDialog();
        ui.ahead.drop();
        opener?.focus({ preventScroll: true });
      } else if (!ui.menu.value || app.lazy.onRequest.here) return;
      event.preventDefault();
      event.stopPropagation();
    };
    addEventListener("keydown", onKeyDown);
    addEventListener("keydown", hold, { capture: true });
    // Prefetch at the first sign of user activity, before anything is requested.
    const prefetch = () => app.lazy.onRequest.fetch();
    for (const sign of SIGNS) addEventListener(sign, prefetch, { once: true, passive: true });
    return () => {
      removeEventListener("keydown", onKeyDown);
      removeEventListener("keydown", hold, { capture: true });
    };
  }, []);
  // After the first paint.
  useEffect(() => {
    app.lazy.deferred.fetch().then(({ MessageAnnouncements }) => new MessageAnnouncements(app).start());
  }, []);
  // The person at this screen may not be the user who signed in.
  if (app.session.status.value === "signed_out") return html`<${SignedOut} deferred=${deferred} />`;
  const frame = !beside ? "app solo" : beside === "members" ? "app beside-members" : "app";
  return html`<div class=${frame}>
      <${Sidebar} />
      <main class="main">
        <${Header} slug=${slug} facts=${facts} />
        <div class="over">${deferred && html`<${deferred.Banners} />`}</div>
        <${Conversation} key=${slug} slug=${slug} facts=${facts} />
        ${app.firstSteps.value && html`<${FirstSteps} />`}
        <${Composer} slug=${slug} facts=${facts} />
        ${deferred && html`<${deferred.Layers} />`}
      </main>
      ${beside && deferred && html`<${deferred.PaneLayer} slug=${slug} facts=${facts} />`}
    </div>`;
}

function FirstSteps() {
  const parts = useApp().lazy.firstSteps.value;
  return parts && html`<${parts.FirstSteps} />`;
}

function SignedOut({ deferred }) {
  useEffect(() => document.querySelector(".skip")?.remove(), []);
  return html`<div class="app solo"><main class="main"><h1 class="visually-hidden">Backchannel</h1>
    <div class="over">${deferred && html`<${deferred.Banners} />`}</div></main></div>`;
}
