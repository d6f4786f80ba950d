// The menu of a room: only the actions that this user may perform.

import { t } from "../i18n/i18n.js";
import { roomPath } from "../net/addresses.js";
import { isConversation, levelOf } from "../state/room_counts.js";
import { useApp } from "./context.js";
import { copies } from "./copies.js";
import { html } from "./html.js";
import { InviteDialog } from "./invite_dialog.js";
import { Menu } from "./menu.js";
import { GROUP_MAX, NewGroup } from "./new_message.js";
import { levelName } from "./notify.js";
import { SectionDialog } from "./section_dialog.js";
import { TopicDialog } from "./topic_dialog.js";

const othersIn = ({ people, username }) => people ?? (username ? [username] : []);

export function RoomMenu({ slug, facts, anchor }) {
  const app = useApp();
  const { actions, pane, ui } = app;
  const copyLink = copies(ui, new URL(roomPath(app.factsOf(slug)), location.href).href, () =>
    ui.toast(t("Link copied")),
  );
  const level = levelOf(app.store.room(slug) ?? facts);
  const items = [
    facts.notify && {
      icon: "bell",
      label: t("Notifications"),
      sub: levelName(level, app.preferences.notify),
      run: () => ui.openMenu(anchor, ({ NotifyMenu }) => html`<${NotifyMenu} slug=${slug} facts=${facts} />`),
    },
    app.may(slug, "topic") && {
      icon: "edit",
      label: facts.topic ? t("Change the topic") : t("Set a topic"),
      run: () => ui.openDialog(() => html`<${TopicDialog} slug=${slug} topic=${facts.topic} />`),
    },
    app.may(slug, "invite") && {
      icon: "user",
      label: t("Add people"),
      run: () => ui.openDialog(() => html`<${InviteDialog} slug=${slug} title=${facts.title || slug} />`),
    },
    isConversation(facts) &&
      othersIn(facts).length < GROUP_MAX && {
        icon: "plus",
        label: t("Add somebody"),
        sub: t("to a new conversation"),
        run: () => ui.openDialog(() => html`<${NewGroup} begun=${othersIn(facts)} />`),
      },
    facts.pins?.length > 0 && { icon: "pin", label: t("Pinned messages"), run: () => pane.open("pinned") },
    app.attachments.limits && { icon: "clip", label: t("Files"), run: () => pane.open("files") },
    ["settings", "bans"].some((action) => app.may(slug, action)) && {
      icon: "gear",
      label: t("Room settings"),
      run: () => pane.open("settings"),
    },
    facts.role && {
      icon: "check",
      label: facts.starred ? t("Remove from favourites") : t("Add to favourites"),
      run: () => actions.notifyAbout(slug, { starred: !facts.starred }),
    },
    facts.role && {
      icon: "menu",
      label: t("Move to a section"),
      sub: facts.section,
      run: () => ui.openDialog(() => html`<${SectionDialog} slug=${slug} facts=${facts} />`),
    },
    facts.role &&
      isConversation(facts) && {
        icon: "off",
        label: t("Hide conversation"),
        run: () => actions.notifyAbout(slug, { hidden: true }),
      },
    facts.role === "owner" &&
      !isConversation(facts) && {
        icon: "download",
        label: t("Export this room"),
        run: () => ui.openDialog(({ ExportRoom }) => html`<${ExportRoom} slug=${slug} title=${facts.title || slug} />`),
      },
    { icon: "link", label: t("Copy link"), run: copyLink },
    facts.kind !== "direct" && {
      icon: "users",
      label: pane.kind === "members" ? t("Hide members") : t("Show members"),
      run: () => pane.showMembers(pane.kind !== "members"),
    },
    app.may(slug, "leave") && "rule",
    app.may(slug, "leave") && { icon: "leave", label: t("Leave room"), danger: true, run: () => actions.leave(slug) },
  ];
  return html`<${Menu} label=${t("Room options")} items=${items.filter(Boolean)} />`;
}
