// The actions on a person whose name appears in the room, member or not.

import { useEffect } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Menu } from "./menu.js";
import { PersonCard } from "./person_card.js";
import { Profile, writeTo } from "./profile.js";
import { ROLE_NAMES } from "./role_names.js";
import { StatusDialog } from "./status_dialog.js";

export function PersonMenu({ username: written }) {
  const app = useApp();
  const { actions, store, ui } = app;
  const slug = ui.room.value;
  // Mentions are case-insensitive.
  const same = (username) => username.toLowerCase() === written.toLowerCase();
  const inside = store.members.value.get(slug)?.find((member) => same(member.username));
  const person = inside ?? strangerOf(store, [...store.names.value.keys()].find(same) ?? written);
  const above = Boolean(inside?.below) && app.may(slug, "kick");
  // Another moderator may have muted them since the list was fetched.
  useEffect(() => {
    if (above) actions.members(slug);
  }, [above]);
  const items = [
    ...contactItems(app, slug, person, Boolean(inside)),
    ...(above ? ["rule", ...muteItems(app, slug, person), ...roleItems(app, slug, person)] : []),
    ...(above ? ["rule", ...removalItems(app, slug, person)] : []),
  ];
  return html`<${PersonCard} person=${person} role=${ROLE_NAMES[person.role]} />
    <${Menu} label=${store.nameOf(person.username)} items=${items.filter(Boolean)} />`;
}

const strangerOf = (store, username) => ({ username, display_name: store.plainNameOf(username) });

function contactItems(app, slug, person, inside) {
  const { actions, store, ui } = app;
  const me = person.username === store.me.value.username;
  const { title } = app.factsOf(slug);
  const mayAdd = !me && !inside && store.members.value.has(slug) && app.may(slug, "invite");
  const profile = () => ui.openDialog(() => html`<${Profile} person=${person} role=${ROLE_NAMES[person.role]} />`);
  return [
    { icon: "user", label: t("Profile"), run: profile },
    !me && { icon: "edit", label: t("Message"), run: () => writeTo(app, person) },
    me && { icon: "smile", label: t("Set a status"), run: () => ui.openDialog(() => html`<${StatusDialog} />`) },
    me && { icon: "gear", label: t("Edit your profile"), run: () => location.assign(chatPath("settings/#profile")) },
    mayAdd && {
      icon: "plus",
      label: t("Add to {room}", { room: `#${title || slug}` }),
      run: () => actions.invite(slug, person),
    },
    !me && {
      icon: "ban",
      label: store.blocked.value.has(person.username) ? t("Unblock") : t("Block"),
      run: () => actions.block(person.username, !store.blocked.value.has(person.username)),
    },
  ];
}

function muteItems({ actions }, slug, { username, muted }) {
  const unmute = () => actions.moderate(slug, "unmute", { username });
  if (muted) return [{ icon: "bell", label: t("Unmute"), run: unmute }];
  const mute = (minutes) => () => actions.moderate(slug, "mute", { username, minutes });
  return [
    { icon: "belloff", label: t("Mute for 10 min"), run: mute(10) },
    { icon: "belloff", label: t("Mute for 1 h"), run: mute(60) },
    { icon: "belloff", label: t("Mute for 1 day"), run: mute(1440) },
  ];
}

function roleItems(app, slug, { username, role }) {
  if (!app.may(slug, "role")) return [];
  const give = (next) => () => app.actions.giveRole(slug, username, next);
  return [
    "rule",
    role === "moderator"
      ? { icon: "shield", label: t("Make a member"), run: give("member") }
      : { icon: "shield", label: t("Make a moderator"), run: give("moderator") },
  ];
}

function removalItems({ actions }, slug, { username }) {
  const ask = (command) => () => actions.askToRemove({ type: "command", room: slug, command, username });
  return [
    { icon: "leave", label: t("Remove"), danger: true, run: ask("kick") },
    { icon: "ban", label: t("Ban"), danger: true, run: ask("ban") },
  ];
}
