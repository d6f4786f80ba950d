// Moments as people say them, in the language of the page and by the reader's clock.

import { locale } from "./words.js";

// What the person chose, as the page says; else their language decides.
const hourCycle = { 12: "h12", 24: "h23" }[document.documentElement.dataset.clock];
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle });
const full = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "medium", hourCycle });
const sameYear = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
const otherYear = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

export const clockTime = (date) => clock.format(date);
export const fullTime = (date) => full.format(date);
export const dayOf = (date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;

export function dayLabel(date, now = new Date()) {
  const days = Math.round((startOfDay(date) - startOfDay(now)) / 86_400_000);
  if (days === 0 || days === -1) return capitalised(relative.format(days, "day"));
  return (date.getFullYear() === now.getFullYear() ? sameYear : otherYear).format(date);
}

const startOfDay = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
const capitalised = (word) => word.charAt(0).toLocaleUpperCase(locale) + word.slice(1);
