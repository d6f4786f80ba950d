// Slash commands: what the composer offers, and the frames they become. Pure.

const NAME = String.raw`@?(\S+)`;

// `usage` is shown while typing; `parse(rest, room)` gives a frame, or nothing when the words do not fit.
export const COMMANDS = [
  { name: "topic", usage: "text", does: "Set the room topic", needs: "moderator", parse: (rest, room) => rest && command(room, "topic", { topic: rest }) },
  { name: "msg", usage: "name text", does: "Write to one person", parse: directMessage },
  { name: "join", usage: "room", does: "Join a room", parse: (rest) => /^#?[\w-]{1,64}$/.test(rest) && { type: "join_room", room: rest.replace("#", "") } },
  { name: "leave", usage: "", does: "Leave this room", parse: (rest, room) => !rest && { type: "leave_room", room } },
  { name: "kick", usage: "name reason", does: "Remove someone from this room", needs: "moderator", parse: withReason("kick") },
  { name: "ban", usage: "name minutes reason", does: "Ban someone from this room", needs: "moderator", parse: ban },
  { name: "unban", usage: "name", does: "Lift a ban", needs: "moderator", parse: withName("unban") },
  { name: "mute", usage: "name minutes", does: "Mute someone here", needs: "moderator", parse: mute },
  { name: "unmute", usage: "name", does: "Let someone speak again", needs: "moderator", parse: withName("unmute") },
  { name: "clear", usage: "", does: "Clear the history of this room", needs: "moderator", parse: (rest, room) => !rest && command(room, "clear") },
  { name: "broadcast", usage: "text", does: "Tell everybody who is connected", needs: "staff", parse: (rest) => rest && { type: "broadcast", message: rest } },
];

// {text} to send as a message, {frame} to send as a command, or {problem} to show; the text is kept then.
export function readInput(text, room) {
  if (!text.startsWith("/")) return { text };
  if (text.startsWith("//")) return { text: text.slice(1) };
  const [, name, rest] = /^\/(\S*)\s*([\s\S]*)$/.exec(text);
  const known = COMMANDS.find((candidate) => candidate.name === name.toLowerCase());
  if (!known) return { problem: `There is no command /${name}. Type // to begin a message with a slash.` };
  const frame = known.parse(rest.trim(), room);
  return frame ? { frame, known } : { problem: `Write it as /${known.name} ${known.usage}`.trim() };
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
  return match && command(room, "ban", { username: match[1], ...(match[2] ? { minutes: Number(match[2]) } : {}), reason: match[3] ?? "" });
}

function mute(rest, room) {
  const match = new RegExp(`^${NAME}\\s+(\\d{1,6})$`).exec(rest);
  return match && command(room, "mute", { username: match[1], minutes: Number(match[2]) });
}

function directMessage(rest) {
  const match = new RegExp(`^${NAME}\\s+([\\s\\S]+)$`).exec(rest);
  return match && { type: "private_message", to: match[1], message: match[2] };
}
