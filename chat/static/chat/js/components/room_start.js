// Shown above the first message of a room, or in an empty room.

import { t } from "../i18n/i18n.js";
import { roomPath } from "../net/addresses.js";
import { useApp } from "./context.js";
import { copies } from "./copies.js";
import { html } from "./html.js";

export function RoomStart({ slug, facts, empty }) {
  const app = useApp();
  const { store, ui } = app;
  const direct = facts.kind === "direct";
  const name = direct ? app.titleOf(slug) : facts.title || slug;
  if (!empty) {
    const withOne = direct && t("This is the start of your conversation with {name}", { name });
    return html`<div class="older">${withOne || t("This is the start of {room}", { room: `#${name}` })}</div>`;
  }
  const mine = app.may(slug, "topic");
  const alone = facts.kind === "public" && facts.role && store.members.value.get(slug)?.length === 1;
  const setTopic = () => ui.openDialog(({ TopicDialog }) => html`<${TopicDialog} slug=${slug} topic=${facts.topic} />`);
  const add = () => ui.openDialog(({ InviteDialog }) => html`<${InviteDialog} slug=${slug} title=${name} />`);
  const copyLink = copies(ui, new URL(roomPath(app.factsOf(slug)), location.href).href, () =>
    ui.toast(t("Link copied")),
  );
  return html`<div class="empty" data-testid="empty-room">
    <h2>${direct ? "" : "# "}<bdi>${name}</bdi></h2>
    <p>${firstWords(direct, name, mine, facts.topic)}</p>
    ${alone && html`<p>${aloneText(app.signup)}</p>`}
    ${
      !direct &&
      facts.role &&
      html`<div class="actions">
      ${alone && html`<button type="button" class="button" onClick=${copyLink}>${t("Copy link")}</button>`}
      ${alone && app.signup !== "open" && app.mayInvite && html`<a class="button" href=${app.links.invite}>${t("Invite people")}</a>`}
      ${mine && !facts.topic && html`<button type="button" class="button" onClick=${setTopic}>${t("Set a topic")}</button>`}
      ${app.may(slug, "invite") && html`<button type="button" class="button" onClick=${add}>${t("Add people")}</button>`}
    </div>`
    }
  </div>`;
}

function firstWords(direct, name, mine, topic) {
  if (direct) return t("No messages yet. Only you and {name} can read this conversation.", { name });
  if (mine && !topic)
    return t("This is the start of the room. Say what it is for, or set a topic so people know when to post here.");
  return t("This is the start of the room. No messages yet.");
}

const aloneText = (signup) =>
  signup === "open"
    ? t("Nobody else is here yet. Anyone who opens the link can create an account and join.")
    : t("Nobody else is here yet. Anyone with an account can join with the link.");
