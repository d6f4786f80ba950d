// The sentence for a moderation command, and the command that undoes it. Pure.

import { locale, t } from "../i18n/i18n.js";

// Minutes per unit.
const UNITS = { day: 1440, hour: 60 };

// The duration in the largest unit without a remainder: 1 day, 90 minutes.
export function minutesInWords(minutes) {
  const [unit, size] = Object.entries(UNITS).find(([, length]) => minutes % length === 0) ?? ["minute", 1];
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(minutes / size);
}

// Null for a command whose effect the conversation itself shows.
export function doneSentence({ command, minutes }, name, room) {
  switch (command) {
    case "mute":
      return t("Muted {name} for {time}", { name, time: minutesInWords(minutes) });
    case "unmute":
      return t("{name} has been unmuted", { name });
    case "kick":
      return t("Removed {name} from {room}", { name, room });
    case "ban":
      return minutes
        ? t("Banned {name} from {room} for {time}", { name, room, time: minutesInWords(minutes) })
        : t("Banned {name} from {room}", { name, room });
    case "unban":
      return t("{name} may come back to {room}", { name, room });
    case "clear":
      return t("The history of {room} is cleared", { room });
    default:
      return null;
  }
}

// The command that undoes it, and the label of its button.
export const undoOf = (command) => ({ mute: ["unmute", t("Undo")], ban: ["unban", t("Lift the ban")] })[command];
