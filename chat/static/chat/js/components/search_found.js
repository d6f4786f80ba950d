// The search pane below its field: the results, a note that there are none, or the error.

import { dayLabel } from "../i18n/dates.js";
import { t, tn } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { SearchResults } from "./search_results.js";
import { SearchStart } from "./search_start.js";
import { Skeleton } from "./skeleton.js";

export function Found({ search, asked, onChange }) {
  const { found, problem, waiting, old } = search;
  if (problem && !found) return html`<${Failed} problem=${problem} onRetry=${search.again} />`;
  if (!found)
    return waiting ? html`<div aria-busy="true"><${Skeleton} /></div>` : html`<${SearchStart} onChange=${onChange} />`;
  const { results, next, warnings, indexed_until } = found;
  return html`${problem && html`<${Failed} problem=${problem} onRetry=${search.again} />`}
    ${warnings.map((warning) => html`<p class="note" key=${warning}>${warning}</p>`)}
    ${indexed_until && html`<p class="note">${stillIndexed(new Date(indexed_until))}</p>`}
    <div class=${old ? "found old" : "found"} aria-busy=${waiting}>
      ${
        results.length
          ? html`<p class="note count">${countOf(results.length, next)}</p>
            <${SearchResults} results=${results} byDay=${search.order !== "best"} />
            ${next && html`<p class="offer">${button(t("Show more"), search.more)}</p>`}`
          : !old && html`<${None} asked=${asked} next=${next} search=${search} onChange=${onChange} />`
      }
    </div>`;
}

const button = (label, run) => html`<button type="button" class="button slim" onClick=${run}>${label}</button>`;

const countOf = (n, next) => (next ? t("{n} messages and more", { n }) : tn("{n} message", "{n} messages", n));

const stillIndexed = (back) =>
  t("Older messages are still being indexed: found so far back to {day}.", { day: dayLabel(back) });

const Failed = ({ problem, onRetry }) =>
  html`<p class="note" role="alert">${problem}
    <button type="button" class="link-button" onClick=${onRetry}>${t("Retry")}</button></p>`;

const DAYS = ["on", "before", "after"];

function None({ asked, next, search, onChange }) {
  const app = useApp();
  const without = (...kinds) => onChange({ ...asked, chips: asked.chips.filter((chip) => !kinds.includes(chip.kind)) });
  const has = (...kinds) => asked.chips.some((chip) => kinds.includes(chip.kind));
  return html`<p class="note">${nothingIn(app, asked)}</p>
    <p class="offer">
      ${next && button(t("Look further back"), search.more)}
      ${has("in", "with") && button(t("Search all rooms"), () => without("in", "with"))}
      ${has(...DAYS) && button(t("Remove the date"), () => without(...DAYS))}
      ${has("from") && button(t("From anybody"), () => without("from"))}
    </p>`;
}

function nothingIn(app, { chips, text }) {
  const query = text.trim();
  if (!query) return t("No messages match.");
  const rooms = chips.filter(({ kind, value }) => kind === "in" && app.store.room(value));
  return rooms.length === 1
    ? t("No messages match “{query}” in {room}.", { query, room: app.titleOf(rooms[0].value) })
    : t("No messages match “{query}”.", { query });
}
