// The notification level of a room and, separately, its mute, which can expire.

import { untilTime } from "../i18n/dates.js";
import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { now } from "../state/clock.js";
import { levelOf } from "../state/room_counts.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Menu } from "./menu.js";

const NAMES = { all: t("All"), mentions: t("Mentions"), nothing: t("Nothing") };
const HOUR_MS = 3_600_000;
const MORNING = 8;

// `own`: the user's default for all rooms.
export const levelName = (level, own) =>
  level === "default" ? t("Default ({level})", { level: NAMES[own] }) : NAMES[level];

export function NotifyMenu({ slug, facts }) {
  const { actions, preferences, store } = useApp();
  const room = store.room(slug) ?? facts;
  const mute = (icon, label, until) => ({
    icon,
    label,
    run: () => actions.notifyAbout(slug, { muted: true, quiet_until: until?.().toISOString() }),
  });
  const levels = ["default", ...Object.keys(NAMES)].map((level) => ({
    icon: { all: "bell", nothing: "belloff" }[level] ?? "at",
    label: levelName(level, preferences.notify),
    checked: levelOf(room) === level,
    run: () => actions.notifyAbout(slug, { notify: level }),
  }));
  const mutes = room.muted
    ? [
        {
          icon: "bell",
          label: t("Unmute room"),
          sub: room.quiet_until && t("Muted until {time}", { time: untilTime(new Date(room.quiet_until)) }),
          run: () => actions.notifyAbout(slug, { muted: false }),
        },
      ]
    : [
        mute("clock", t("Mute for 1 hour"), () => new Date(now() + HOUR_MS)),
        mute("clock", t("Mute until tomorrow"), tomorrow),
        mute("belloff", t("Mute until I unmute"), null),
      ];
  const settings = {
    icon: "gear",
    label: t("All notification settings"),
    run: () => location.assign(chatPath("settings/#notifications")),
  };
  return html`<${Menu} label=${t("Notifications")} items=${[...levels, "rule", ...mutes, "rule", settings]} />`;
}

function tomorrow() {
  const day = new Date(now());
  day.setDate(day.getDate() + 1);
  day.setHours(MORNING, 0, 0, 0);
  return day;
}
