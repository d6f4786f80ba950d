import { clockTime, fullTime } from "../i18n/dates.js";
import { t } from "../i18n/i18n.js";
import { html } from "./html.js";

// Chats whose names need more than a capital first character.
const CHATS = { rocketchat: "Rocket.Chat", whatsapp: "WhatsApp", irc: "IRC", csv: "CSV" };

// The time of a message: the time of day, with the full date in the title. `imported`: the chat it was imported from.
export function Time({ date, note = false, imported }) {
  return html`<time class=${note ? "note" : undefined} datetime=${date.toISOString()} title=${titleOf(date, imported)}>
    ${clockTime(date)}
  </time>`;
}

export function titleOf(date, imported) {
  if (!imported) return fullTime(date);
  const chat = CHATS[imported] ?? imported[0].toUpperCase() + imported.slice(1);
  return `${fullTime(date)}, ${t("imported from {chat}", { chat })}`;
}
