// The commands of Ctrl K, besides opening rooms and people.

import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { signOut } from "../sign_out.js";
import { BrowseRooms } from "./browse.js";
import { CreateRoom } from "./create_room.js";
import { Help } from "./help.js";
import { html } from "./html.js";
import { setTheme, THEMES } from "./settings_menu.js";
import { Shortcuts } from "./shortcuts.js";

const go = (addressOf) => (app) => location.assign(addressOf(app));
const dialog =
  (content) =>
  ({ ui }) =>
    ui.openDialog(content);

// `also`: other words to find the command by. `when`: whether this user is offered it.
const COMMANDS = [
  { key: "browse", icon: "compass", label: t("Browse rooms"), run: dialog(() => html`<${BrowseRooms} />`) },
  {
    key: "new",
    icon: "plus",
    label: t("Create room"),
    also: t("new channel"),
    run: dialog(() => html`<${CreateRoom} />`),
  },
  { key: "inbox", icon: "at", label: t("Mentions and reactions"), run: ({ pane }) => pane.open("inbox") },
  { key: "scheduled", icon: "clock", label: t("Scheduled messages"), run: ({ pane }) => pane.open("scheduled") },
  { key: "read", icon: "check", label: t("Mark all rooms as read"), run: ({ actions }) => actions.readAll() },
  {
    key: "invite",
    icon: "user",
    label: t("Invite people"),
    also: t("invitation, link, add somebody"),
    run: go(({ links }) => links.invite),
    when: ({ mayInvite }) => mayInvite,
  },
  {
    key: "settings",
    icon: "gear",
    label: t("All settings"),
    also: t("preferences, profile, password, language, notifications"),
    run: go(() => chatPath("settings/")),
  },
  {
    key: "help",
    icon: "file",
    label: t("Help"),
    also: t("formatting, commands, guide"),
    run: dialog(() => html`<${Help} />`),
  },
  {
    key: "shortcuts",
    icon: "slash",
    label: t("Keyboard shortcuts"),
    also: t("keys"),
    run: dialog(() => html`<${Shortcuts} />`),
  },
  {
    key: "admin",
    icon: "shield",
    label: t("Administration"),
    also: t("admin, manage, moderation"),
    run: go(({ links }) => links.admin),
    when: ({ links, store }) => links.admin && store.me.value.staff,
  },
  {
    key: "members",
    icon: "users",
    label: t("Show members"),
    run: ({ pane }) => pane.showMembers(true),
    when: (app) => app.factsOf(app.ui.room.value).kind !== "direct",
  },
  {
    key: "read-room",
    icon: "check",
    label: t("Mark this room read"),
    run: (app) => app.markRoomRead(app.ui.room.value),
  },
  ...THEMES.map(([theme, name]) => ({
    key: `theme-${theme}`,
    icon: "moon",
    label: t("Theme: {name}", { name }),
    also: t("appearance, colours, dark mode"),
    run: (app) => setTheme(app, theme),
  })),
  { key: "signout", icon: "leave", label: t("Sign out"), also: t("log out, logout, leave"), run: signOut },
];

export const commandsFor = (app) => COMMANDS.filter(({ when }) => !when || when(app));
