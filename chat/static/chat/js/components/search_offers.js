// Suggestions for a filter being typed: people after `from:`, rooms after `in:`, days after `on:`.

import { dayLabel, dayOf } from "../i18n/dates.js";
import { now } from "../state/clock.js";
import { HAS, peopleOf, roomsByUse } from "./search_filters.js";

const TYPED = /(^|\s)(from|with|in|has|before|after|on):([^\s"]*)$/i;
const OFFERED_MAX = 8;
const DAY_MS = 86_400_000;
const DAYS_AGO = [0, 1, 7, 30];

// Returns {kind, rest, title, options}: `rest` is the text before the filter. Null if no filter is being typed.
export function offerFor(app, slug, text) {
  const typed = TYPED.exec(text);
  if (!typed) return null;
  const kind = typed[2].toLowerCase();
  const start = typed[3].replace(/^[#@]/, "").toLowerCase();
  const fits = ({ value, label }) => value.toLowerCase().startsWith(start) || label.toLowerCase().startsWith(start);
  const options = valuesOf(app, slug, kind).filter(fits).slice(0, OFFERED_MAX);
  if (!options.length) return null;
  return {
    kind,
    rest: text.slice(0, typed.index),
    title: `${kind}:`,
    options: options.map((option) => ({ ...option, key: option.value, marks: [] })),
  };
}

function valuesOf(app, slug, kind) {
  switch (kind) {
    case "from":
    case "with":
      return peopleOf(app, slug, { all: true });
    case "in":
      return roomsByUse(app);
    case "has":
      return HAS.map(([value, label]) => ({ value, label, icon: "search" }));
    default:
      return DAYS_AGO.map((ago) => {
        const date = new Date(now() - ago * DAY_MS);
        return { value: dayOf(date), label: dayLabel(date), sub: dayOf(date), icon: "search" };
      });
  }
}
