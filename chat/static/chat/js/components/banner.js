// Banners over the top of the conversation, without moving it: a new version, an offer, announcements by staff.

import { useEffect } from "preact/hooks";
import { t, tx } from "../i18n/i18n.js";
import { namesMe } from "../state/counts.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon, IconButton } from "./icon.js";

export function NewVersion() {
  const { update, announcer } = useApp();
  const outdated = update.outdated.value;
  useEffect(() => {
    if (outdated) announcer.say(t("A new version is available. Reload when you're ready."));
  }, [outdated]);
  if (!outdated) return null;
  return html`<div class="banner" data-testid="new-version"><${Icon} name="retry" />
    <p>${t("A new version is available. Drafts and unsent messages are kept.")}</p>
    <button type="button" class="link-button" onClick=${() => location.reload()}>${t("Reload")}</button></div>`;
}

// Shown only after the user missed a message, never on load.
export function NotificationOffer() {
  const { store, lazy } = useApp();
  // Before the first message only a page with permission needs it: the notifier tracks which window was used last.
  const notifier = globalThis.Notification?.permission === "granted" ? lazy.notifier.value : lazy.notifier.here;
  const missed = notifier?.offer.value;
  if (!missed) return null;
  return html`<div class="banner ask" role="region" aria-label=${t("Notifications")}><${Icon} name="bell" />
    <p><b>${
      namesMe(missed, store.me.value)
        ? t("{name} mentioned you while you were away.", { name: store.nameOf(missed.username) })
        : t("{name} wrote to you while you were away.", { name: store.nameOf(missed.username) })
    }</b> ${t("Get a desktop notification next time?")}</p>
    <div class="actions">
      <button type="button" class="button slim" onClick=${() => notifier.decline()}>${t("Not now")}</button>
      <button type="button" class="button primary slim" onClick=${() => notifier.accept()}>${t("Turn on")}</button>
    </div>
  </div>`;
}

export function Announcements() {
  const { store } = useApp();
  const drop = (announcement) =>
    (store.announcements.value = store.announcements.value.filter((other) => other !== announcement));
  return store.announcements.value.map(
    (announcement) => html`<div class="banner" data-testid="announcement" key=${announcement.timestamp}>
      <${Icon} name="bell" />
      <p>${tx("{name} to everyone:", { name: html`<b><bdi>${store.nameOf(announcement.username)}</bdi></b>` })}
        ${" "}<span dir="auto">${announcement.message}</span></p>
      <${IconButton} icon="x" small label=${t("Dismiss the announcement")} onClick=${() => drop(announcement)} />
    </div>`,
  );
}
