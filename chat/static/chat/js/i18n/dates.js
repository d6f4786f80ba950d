// Formats dates and times in the language of the page and the reader's time zone.

import { computed } from "@preact/signals";

import { now, today, zone } from "../state/clock.js";
import { locale, once } from "./i18n.js";

// The person's choice, from the page; without one their language decides.
const hourCycle = { 12: "h12", 24: "h23" }[document.documentElement.dataset.clock];
/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const KINDS = {
  clock: { hour: "2-digit", minute: "2-digit", hourCycle },
  full: { dateStyle: "full", timeStyle: "medium", hourCycle },
  short: { dateStyle: "medium", timeStyle: "short", hourCycle },
  sameYear: { weekday: "long", day: "numeric", month: "long" },
  month: { month: "long", year: "numeric" },
  otherYear: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
};
// A format keeps the time zone of its creation. Creating one takes a phone a few ms, so each is created on first use.
const formats = computed(() => {
  zone.value;
  return new Map();
});
const relative = once(() => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));

export const clockTime = (date) => formatted("clock", date);
export const fullTime = (date) => formatted("full", date);

export const monthLabel = (date) => formatted("month", date);

function formatted(kind, date) {
  const made = formats.value;
  if (!made.has(kind)) made.set(kind, new Intl.DateTimeFormat(locale, KINDS[kind]));
  return made.get(kind).format(date);
}

export function dayOf(date) {
  zone.value;
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
}

// The end of something: only the time if that is today.
export const untilTime = (date) =>
  dayOf(date) === dayOf(new Date(now())) ? clockTime(date) : formatted("short", date);

export function dayLabel(date, at = new Date(now())) {
  today.value;
  const days = Math.round((startOfDay(date) - startOfDay(at)) / 86_400_000);
  if (days === 0 || days === -1) return capitalised(relative().format(days, "day"));
  return formatted(date.getFullYear() === at.getFullYear() ? "sameYear" : "otherYear", date);
}

const startOfDay = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
const capitalised = (word) => word.charAt(0).toLocaleUpperCase(locale) + word.slice(1);
