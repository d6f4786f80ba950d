// The card above a person's menu: shows what the room knows at once, the rest when the server has answered.

import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { getJson } from "../net/api.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";

const PRESENCES = { online: t("online"), away: t("away"), busy: t("do not disturb"), offline: t("offline") };

export function PersonCard({ person, role }) {
  const { store } = useApp();
  const [card, setCard] = useState(null);
  useEffect(() => {
    let shown = true;
    getJson(`people/${encodeURIComponent(person.username)}`).then(
      (found) => shown && setCard(found),
      // People from another server and former users have no card.
      () => {},
    );
    return () => {
      shown = false;
    };
  }, [person.username]);
  const name = card?.display_name || person.display_name || person.username;
  const facts = [
    `@${person.username}`,
    role,
    card?.active === false ? t("Account deactivated") : PRESENCES[card?.presence],
  ];
  return html`<div class="person-card" aria-busy=${!card}>
    <div class="person"><${Avatar} username=${person.username} name=${name} size="l" online=${store.isOnline(person.username)} />
      <div class="who"><b><bdi>${name}</bdi>${card?.pronouns && html` <small><bdi>${card.pronouns}</bdi></small>`}</b>
        <span>${facts.filter(Boolean).join(" · ")}</span></div></div>
    ${card && html`<${Said} card=${card} />`}
  </div>`;
}

function Said({ card }) {
  const { status } = card;
  return html`${status && html`<p><bdi>${[status.emoji, status.text].filter(Boolean).join(" ")}</bdi></p>`}
    ${card.title && html`<p><b><bdi>${card.title}</bdi></b></p>`}
    ${card.about && html`<p><bdi>${card.about}</bdi></p>`}
    ${card.time_zone && html`<p class="note">${t("Local time {time}", { time: timeIn(card.time_zone) })}</p>`}
    ${card.phone && html`<p class="note"><a href=${`tel:${card.phone.replace(/[^\d+]/g, "")}`}>${card.phone}</a></p>`}
    ${
      card.rooms.length > 0 &&
      html`<p class="note">${t("Rooms in common:")} ${card.rooms.map(
        (room) => html`<a key=${room.room} href=${chatPath(`rooms/${room.room}/`)}>#<bdi>${room.title}</bdi></a> `,
      )}</p>`
    }`;
}

function timeIn(timeZone) {
  try {
    return new Date().toLocaleTimeString(document.documentElement.lang, {
      timeZone,
      hour: "2-digit",
      minute: "2-digit",
    });
  } catch {
    // The browser does not know this time zone.
    return "";
  }
}
