// What stands in the composer's place for those who may not write, and why.

import { untilTime } from "../i18n/dates.js";
import { t } from "../i18n/i18n.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

// Why this person may not write here, or null.
export function closedBar(app, slug, facts, muted) {
  const { store, actions } = app;
  const left = store.left.value.get(slug);
  const name = facts.title || slug;
  if (left) {
    const { reason, why, until } = left;
    const ban = until
      ? t("You were banned from #{name} until {time}.", { name, time: untilTime(new Date(until)) })
      : t("You were banned from #{name}.", { name });
    const said =
      {
        kicked: t("You were removed from #{name}.", { name }),
        banned: ban,
        archived: t("#{name} was archived.", { name }),
      }[reason] ?? t("You left #{name}.", { name });
    return html`<div class="banner"><${Icon} name="leave" /><p>${said}${why && html` ${t("Reason:")} <bdi>${why}</bdi>`}</p><button type="button" class="link-button" onClick=${() => app.openFirstRoom()}>${t("Back to rooms")}</button></div>`;
  }
  const room = store.room(slug);
  const kept = app.drafts.get(slug).text.trim() ? ` ${t("What you wrote is kept.")}` : "";
  // An archived room is on no list, also not of its members.
  if ((room ?? facts).archived)
    return html`<div class="banner"><${Icon} name="lock" /><p>${t("This room is archived. It can be read, but nothing can be added.")}${kept}</p></div>`;
  if (!room) {
    return html`<div class="banner"><${Icon} name="hash" /><p>${t("You are previewing #{name}.", { name })}</p><button type="button" class="button primary slim" onClick=${() => actions.join(slug)}>${t("Join")}</button></div>`;
  }
  if (muted)
    return html`<div class="banner"><${Icon} name="belloff" /><p>${t("A moderator muted you here until {time}.", { time: untilTime(muted) })}${kept}</p></div>`;
  return null;
}
