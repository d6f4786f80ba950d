// Moments as people say them, in the language of the page and the reader's time zone.

import { computed } from "@preact/signals";

import { now, today, zone } from "../state/clock.js";
import { locale } from "./i18n.js";

// What the person chose, as the page says; else their language decides.
const hourCycle = { 12: "h12", 24: "h23" }[document.documentElement.dataset.clock];
// A format keeps the zone it was made in.
const formats = computed(() => {
  zone.value;
  return {
    clock: new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle }),
    full: new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "medium", hourCycle }),
    short: new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", hourCycle }),
    sameYear: new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" }),
    month: new Intl.DateTimeFormat(locale, { month: "long", year: "numeric" }),
    otherYear: new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", year: "numeric" }),
  };
});
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

export const clockTime = (date) => formats.value.clock.format(date);
export const fullTime = (date) => formats.value.full.format(date);

export const monthLabel = (date) => formats.value.month.format(date);

export function dayOf(date) {
  zone.value;
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
}

// Until when something lasts: the time alone when that is today.
export const untilTime = (date) =>
  dayOf(date) === dayOf(new Date(now())) ? clockTime(date) : formats.value.short.format(date);

export function dayLabel(date, at = new Date(now())) {
  today.value;
  const days = Math.round((startOfDay(date) - startOfDay(at)) / 86_400_000);
  if (days === 0 || days === -1) return capitalised(relative.format(days, "day"));
  return formats.value[date.getFullYear() === at.getFullYear() ? "sameYear" : "otherYear"].format(date);
}

const startOfDay = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
const capitalised = (word) => word.charAt(0).toLocaleUpperCase(locale) + word.slice(1);
