// Slash commands: the list that the composer suggests, and the frames for the server. Pure.

import { t } from "../i18n/i18n.js";

const NAME = String.raw`@?(\S+)`;

// `usage` is shown while typing; `parse(rest, room)` returns a frame, or a falsy value if the words do not fit.
export const COMMANDS = [
  {
    name: "topic",
    usage: t("text"),
    does: t("Set the room topic"),
    needs: "topic",
    parse: (rest, room) => rest && command(room, "topic", { topic: rest }),
  },
  { name: "msg", usage: t("name text"), does: t("Send a direct message"), parse: directMessage },
  {
    name: "join",
    usage: t("room"),
    does: t("Join a room"),
    parse: (rest) => /^#?[\w-]{1,64}$/.test(rest) && { type: "join_room", room: rest.replace("#", "") },
  },
  {
    name: "leave",
    usage: "",
    does: t("Leave this room"),
    parse: (rest, room) => !rest && { type: "leave_room", room },
  },
  {
    name: "kick",
    usage: t("name reason"),
    does: t("Remove someone from this room"),
    needs: "kick",
    parse: withReason("kick"),
  },
  { name: "ban", usage: t("name minutes reason"), does: t("Ban someone from this room"), needs: "ban", parse: ban },
  { name: "unban", usage: t("name"), does: t("Lift a ban"), needs: "unban", parse: withName("unban") },
  { name: "mute", usage: t("name minutes"), does: t("Mute someone here"), needs: "mute", parse: mute },
  {
    name: "unmute",
    usage: t("name"),
    does: t("Unmute someone in this room"),
    needs: "unmute",
    parse: withName("unmute"),
  },
  {
    name: "clear",
    usage: "",
    does: t("Clear the history of this room"),
    needs: "clear",
    parse: (rest, room) => !rest && command(room, "clear"),
  },
  {
    name: "broadcast",
    usage: t("text"),
    does: t("Send an announcement to everyone online"),
    needs: "staff",
    parse: (rest) => rest && { type: "broadcast", message: rest },
  },
];

// Returns {text} to send as a message, {frame} to send as a command, or {problem} to show while the text stays.
export function readInput(text, room) {
  if (!text.startsWith("/")) return { text };
  if (text.startsWith("//")) return { text: text.slice(1) };
  const [name] = text.slice(1).split(/\s/, 1);
  const rest = text.slice(1 + name.length).trimStart();
  const known = COMMANDS.find((candidate) => candidate.name === name.toLowerCase());
  if (!known)
    return {
      problem: t("Unknown command {command}. To start a message with a slash, type //.", { command: `/${name}` }),
    };
  const frame = known.parse(rest.trim(), room);
  return frame
    ? { frame, known }
    : { problem: t("Usage: {command}", { command: `/${known.name} ${known.usage}`.trim() }) };
}

function command(room, name, fields = {}) {
  return { type: "command", room, command: name, ...fields };
}

function withName(name) {
  return (rest, room) => {
    const match = new RegExp(`^${NAME}$`).exec(rest);
    return match && command(room, name, { username: match[1] });
  };
}

function withReason(name) {
  return (rest, room) => {
    const match = new RegExp(`^${NAME}(?:\\s+([\\s\\S]+))?$`).exec(rest);
    return match && command(room, name, { username: match[1], reason: match[2] ?? "" });
  };
}

function ban(rest, room) {
  const match = new RegExp(`^${NAME}(?:\\s+(\\d{1,6}))?(?:\\s+([\\s\\S]+))?$`).exec(rest);
  return (
    match &&
    command(room, "ban", {
      username: match[1],
      ...(match[2] ? { minutes: Number(match[2]) } : {}),
      reason: match[3] ?? "",
    })
  );
}

function mute(rest, room) {
  const match = new RegExp(`^${NAME}\\s+(\\d{1,6})$`).exec(rest);
  return match && command(room, "mute", { username: match[1], minutes: Number(match[2]) });
}

function directMessage(rest) {
  const match = new RegExp(`^${NAME}\\s+([\\s\\S]+)$`).exec(rest);
  return match && { type: "private_message", to: match[1], message: match[2] };
}
