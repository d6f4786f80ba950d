// What the connection is doing, and what staff announced: over the top of the conversation, pushing nothing.

import { useEffect, useState } from "preact/hooks";
import { t, tn, tx } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon, IconButton } from "./icon.js";

// A short loss is nobody's business.
const QUIET_MS = 2_000;
const RECONNECTED_SHOWN_MS = 3_000;
const UNDER_WAY = new Set(["waiting", "sending"]);

export function Banner() {
  const { session, outbox, announcer } = useApp();
  const status = session.status.value;
  const reconnected = session.reconnected.value;
  const states = new Map(outbox.entries.value.map(({ client_id, state }) => [client_id, state]));
  const going = reconnected?.some((id) => UNDER_WAY.has(states.get(id)));
  const [due, setDue] = useState(false);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    setDue(false);
    if (status === "online") return undefined;
    const timer = setTimeout(() => {
      setDue(true);
      setShown(true);
    }, QUIET_MS);
    return () => clearTimeout(timer);
  }, [status === "online"]);
  useEffect(() => {
    if (status === "signed_out") announcer.alert(t("Your session ended. Drafts are saved on this device."));
    else if (due && status === "offline") announcer.say(t("You are offline."));
  }, [status, due]);
  useEffect(() => {
    if (reconnected !== null && shown) announcer.say(t("Reconnected."));
  }, [reconnected]);
  // What it says is true: it counts when all that waited has gone.
  useEffect(() => {
    if (reconnected === null || going) return undefined;
    const timer = setTimeout(() => (session.reconnected.value = null), RECONNECTED_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [reconnected, going]);
  useEffect(() => {
    if (status === "online" && reconnected === null) setShown(false);
  }, [status, reconnected]);

  if (status === "signed_out") {
    const next = encodeURIComponent(location.pathname);
    return html`<div class="banner bad" data-testid="session-ended"><${Icon} name="alert" /><p>${t("Your session ended. Drafts are saved on this device.")}</p>
      <a class="link-button danger" href=${`/accounts/login/?next=${next}`}>${t("Sign in")}</a></div>`;
  }
  if (status === "crowded") {
    return html`<div class="banner bad" data-testid="too-many-windows"><${Icon} name="alert" /><p>${t("Too many windows are open. Close some and try again.")}</p>
      <button type="button" class="link-button" onClick=${() => session.tryNow()}>${t("Try now")}</button></div>`;
  }
  if (status === "online") {
    if (reconnected === null || !shown) return null;
    const sent = going ? 0 : reconnected.filter((id) => states.get(id) !== "failed").length;
    return html`<div class="banner ok" data-testid="reconnected"><${Icon} name="check" /><p>${sent ? tn("Reconnected. {n} message sent.", "Reconnected. {n} messages sent.", sent) : t("Reconnected.")}</p></div>`;
  }
  if (!due) return null;
  if (status === "connecting")
    return html`<div class="banner" data-testid="connecting"><span class="spin"></span><p>${t("Connecting")}</p></div>`;
  const queued = outbox.waiting.length;
  return html`<div class="banner warn" data-testid="offline"><${Icon} name="off" />
    <p>${
      queued
        ? tn(
            "You are offline. {n} message will send when the connection returns.",
            "You are offline. {n} messages will send when the connection returns.",
            queued,
          )
        : t("You are offline. What you write will be sent when the connection returns.")
    }</p>
    <button type="button" class="link-button" onClick=${() => session.tryNow()}>${t("Try now")}</button>
  </div>`;
}

export function NewVersion() {
  const { update, announcer } = useApp();
  const outdated = update.outdated.value;
  useEffect(() => {
    if (outdated) announcer.say(t("A new version is available. Reload when you're ready."));
  }, [outdated]);
  if (!outdated) return null;
  return html`<div class="banner" data-testid="new-version"><${Icon} name="retry" /><p>${t("A new version is available. Drafts and unsent messages are kept.")}</p>
    <button type="button" class="link-button" onClick=${() => location.reload()}>${t("Reload")}</button></div>`;
}

// Asked only after something was missed, never on load.
export function NotificationOffer() {
  const { store, lazy } = useApp();
  const notifier = lazy.notifier.value;
  const missed = notifier?.offer.value;
  if (!missed) return null;
  return html`<div class="banner ask" role="region" aria-label=${t("Notifications")}><${Icon} name="bell" />
    <p><b>${
      missed.mentions.includes(store.me.value.username)
        ? t("{name} mentioned you while you were away.", { name: store.nameOf(missed.username) })
        : t("{name} wrote to you while you were away.", { name: store.nameOf(missed.username) })
    }</b> ${t("Get a desktop notification next time?")}</p>
    <button type="button" class="button slim" onClick=${() => notifier.decline()}>${t("Not now")}</button>
    <button type="button" class="button primary slim" onClick=${() => notifier.accept()}>${t("Turn on")}</button>
  </div>`;
}

export function Announcements() {
  const { store } = useApp();
  const drop = (announcement) =>
    (store.announcements.value = store.announcements.value.filter((other) => other !== announcement));
  return store.announcements.value.map(
    (announcement) => html`<div class="banner" data-testid="announcement" key=${announcement.timestamp}>
      <${Icon} name="bell" />
      <p>${tx("{name} to everyone:", { name: html`<b><bdi>${store.nameOf(announcement.username)}</bdi></b>` })} <span dir="auto">${announcement.message}</span></p>
      <${IconButton} icon="x" small label=${t("Dismiss the announcement")} onClick=${() => drop(announcement)} />
    </div>`,
  );
}
