// The bar in place of the composer for users who may not write, with the reason.

import { untilTime } from "../i18n/dates.js";
import { t } from "../i18n/i18n.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

// Returns the bar that says why this user may not write here, or null if they may.
export function closedBar(app, slug, facts, muted) {
  const { store, actions } = app;
  const left = store.left.value.get(slug);
  const name = facts.title || slug;
  if (left) return leftBar(app, left, name);
  const room = store.room(slug);
  const kept = app.drafts.get(slug).text.trim() ? ` ${t("What you wrote is kept.")}` : "";
  // No room list contains archived rooms, not even the lists of their members.
  if ((room ?? facts).archived)
    return bar("lock", html`${t("This room is archived. It can be read, but nothing can be added.")}${kept}`);
  if (!room) {
    const join = () => actions.join(slug);
    const button = html`<button type="button" class="button primary slim" onClick=${join}>${t("Join")}</button>`;
    return bar("hash", t("You are previewing #{name}.", { name }), button);
  }
  if (muted)
    return bar("belloff", html`${t("A moderator muted you here until {time}.", { time: untilTime(muted) })}${kept}`);
  if (facts.posting === "moderators" && !app.may(slug, "post"))
    return bar("lock", html`${t("Only moderators write in this room. You can react to messages.")}${kept}`);
  return null;
}

function leftBar(app, { reason, why, until }, name) {
  const ban = until
    ? t("You were banned from #{name} until {time}.", { name, time: untilTime(new Date(until)) })
    : t("You were banned from #{name}.", { name });
  const said =
    {
      kicked: t("You were removed from #{name}.", { name }),
      banned: ban,
      archived: t("#{name} was archived.", { name }),
    }[reason] ?? t("You left #{name}.", { name });
  const leave = () => app.openFirstRoom();
  const button = html`<button type="button" class="link-button" onClick=${leave}>${t("Back to rooms")}</button>`;
  return bar("leave", html`${said}${why && html` ${t("Reason:")} <bdi>${why}</bdi>`}`, button);
}

const bar = (icon, text, button = null) =>
  html`<div class="banner"><${Icon} name=${icon} /><p>${text}</p>${button}</div>`;
