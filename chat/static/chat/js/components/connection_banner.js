// The state of the connection, over the top of the conversation, without moving it.

import { t, tn } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { useConnection } from "./use_connection.js";

export function ConnectionBanner() {
  const { session } = useApp();
  const status = session.status.value;
  const { due, shown, states, going } = useConnection();
  if (status === "signed_out") return html`<${SignedOut} />`;
  if (status === "crowded") return html`<${Crowded} />`;
  const reconnected = session.reconnected.value;
  if (status === "online") {
    if (reconnected === null || !shown) return null;
    const sent = going ? 0 : reconnected.filter((id) => states.get(id) !== "failed").length;
    return html`<${Reconnected} sent=${sent} />`;
  }
  if (!due) return null;
  if (status === "connecting")
    return html`<div class="banner"><span class="spin"></span><p>${t("Connecting")}</p></div>`;
  return html`<${Offline} />`;
}

function SignedOut() {
  const { links } = useApp();
  const next = encodeURIComponent(location.pathname);
  return html`<div class="banner bad" data-testid="session-ended"><${Icon} name="alert" />
    <p>${t("Your session ended. Drafts are saved on this device.")}</p>
    <a class="link-button danger" href=${`${links.sign_in}?next=${next}`}>${t("Sign in")}</a></div>`;
}

const Crowded = () => html`<div class="banner bad"><${Icon} name="alert" />
  <p>${t("Too many windows are open. Close some and try again.")}</p><${TryNow} /></div>`;

function Reconnected({ sent }) {
  const text = sent ? tn("Reconnected. {n} message sent.", "Reconnected. {n} messages sent.", sent) : t("Reconnected.");
  return html`<div class="banner ok" data-testid="reconnected"><${Icon} name="check" /><p>${text}</p></div>`;
}

function Offline() {
  const queued = useApp().outbox.waiting.length;
  const text = queued
    ? tn(
        "You are offline. {n} message will send when the connection returns.",
        "You are offline. {n} messages will send when the connection returns.",
        queued,
      )
    : t("You are offline. What you write will be sent when the connection returns.");
  return html`<div class="banner warn" data-testid="offline"><${Icon} name="off" /><p>${text}</p><${TryNow} /></div>`;
}

function TryNow() {
  const { session } = useApp();
  return html`<button type="button" class="link-button" onClick=${() => session.tryNow()}>${t("Try now")}</button>`;
}
