// The filters of a search as chips: the set filters, each removable, and the filters that can be added.

import { dayOf } from "../i18n/dates.js";
import { t } from "../i18n/i18n.js";
import { now } from "../state/clock.js";
import { withChip } from "../text/search_query.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { Menu } from "./menu.js";

const OFFERED_MAX = 12;
const DAY_MS = 86_400_000;
export const HAS = [
  ["file", t("File")],
  ["image", t("Image")],
  ["link", t("Link")],
  ["code", t("Code")],
  ["pin", t("Pin")],
  ["reaction", t("Reaction")],
];

export function FilterChips({ slug, chips, onChange, onType }) {
  const app = useApp();
  const add = (kind) => (value) => onChange(withChip(chips, { kind, value }));
  const menu = (label, items) => (event) =>
    app.ui.openMenu(event.currentTarget, () => html`<${Menu} label=${label} items=${items} />`);
  const offer = (label, items) =>
    html`<button type="button" class="chip" aria-haspopup="menu" onClick=${menu(label, items)}>${label}</button>`;
  return html`<div class="chips">
    ${chips.map((chip) => {
      const label = labelOf(app, chip);
      const end = () => onChange(chips.filter((one) => one !== chip));
      return html`<button type="button" class="chip set" key=${label} aria-label=${t("Remove the filter {filter}", { filter: label })}
        onClick=${end}><bdi>${label}</bdi><${Icon} name="x" small /></button>`;
    })}
    ${offer(t("From"), items(peopleOf(app, slug).slice(0, OFFERED_MAX), add("from")))}
    ${!chips.some(({ kind }) => kind === "in") && offer(t("In"), items(roomsByUse(app).slice(0, OFFERED_MAX), add("in")))}
    ${offer(
      t("Has"),
      HAS.map(([value, label]) => ({ icon: "search", label, run: () => add("has")(value) })),
    )}
    ${offer(t("Date"), days(chips, onChange, onType))}
  </div>`;
}

function labelOf(app, { kind, value }) {
  if (kind === "in" && app.store.room(value)) return `in: ${app.titleOf(value)}`;
  if ((kind === "from" || kind === "with") && value !== "me") return `${kind}: ${app.store.nameOf(value) || value}`;
  return `${kind}: ${value}`;
}

const items = (values, add) => values.map(({ value, ...item }) => ({ ...item, run: () => add(value) }));

// The members of a room, or with `all` of every loaded room: {value, label, sub, icon}, the user first.
export function peopleOf({ store }, slug, { all = false } = {}) {
  const me = store.me.value.username;
  const members = all ? [...store.members.value.values()].flat() : (store.members.value.get(slug) ?? []);
  const others = new Map(members.map((member) => [member.username, member.display_name || member.username]));
  others.delete(me);
  return [
    { value: "me", label: t("Me"), icon: "user" },
    ...[...others].map(([username, label]) => ({ value: username, label, sub: `@${username}`, icon: "user" })),
  ];
}

// {value, label, icon} of each room: the open room first, then by latest message.
export function roomsByUse(app) {
  const here = app.ui.room.value;
  const sorted = [...app.store.rooms.value.values()].sort(
    (a, b) => Number(b.room === here) - Number(a.room === here) || b.latest.localeCompare(a.latest),
  );
  return sorted.map((room) => ({
    value: room.room,
    label: app.titleOf(room.room).replace(/^#/, ""),
    icon: room.kind === "direct" ? "user" : "hash",
  }));
}

function days(chips, onChange, onType) {
  const rest = chips.filter(({ kind }) => !["on", "before", "after"].includes(kind));
  const set = (kind, value) => () => onChange([...rest, { kind, value }]);
  // `after` excludes the day itself.
  const ago = (number) => dayOf(new Date(now() - number * DAY_MS));
  return [
    { icon: "search", label: t("Any time"), run: () => onChange(rest) },
    { icon: "search", label: t("Today"), run: set("on", dayOf(new Date(now()))) },
    { icon: "search", label: t("7 days"), run: set("after", ago(7)) },
    { icon: "search", label: t("30 days"), run: set("after", ago(30)) },
    { icon: "search", label: t("Before…"), run: () => onType("before:") },
    { icon: "search", label: t("After…"), run: () => onType("after:") },
  ];
}
