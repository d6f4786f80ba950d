// The text of a system line, from its facts and people's current names. An event that only a newer server knows shows
// the server's text. Pure.

import { tx } from "../i18n/i18n.js";

// Returns parts: words, {name} for a person, {said} for a topic or title.
export function systemParts({ system, message }, nameOf) {
  const { event, username, by, to } = system ?? {};
  const name = (who) => ({ name: nameOf(who) });
  switch (event) {
    case "joined":
      return tx("{name} joined the room", { name: name(username) });
    case "left":
      return tx("{name} left the room", { name: name(username) });
    case "added":
      return tx("{by} added {name} to the room", { by: name(by), name: name(username) });
    case "kicked":
      return tx("{by} removed {name} from the room", { by: name(by), name: name(username) });
    case "banned":
      return tx("{by} banned {name} from the room", { by: name(by), name: name(username) });
    case "topic":
      if (to === "") return tx("{name} removed the topic", { name: name(username) });
      return to ? tx("{name} changed the topic to {topic}", { name: name(username), topic: { said: to } }) : [message];
    case "renamed":
      if (to === "") return tx("{name} removed the title", { name: name(username) });
      return to ? tx("{name} renamed the room to {title}", { name: name(username), title: { said: to } }) : [message];
    case "cleared":
      return tx("{name} cleared the history", { name: name(username) });
    case "pinned":
      return tx("{name} pinned a message", { name: name(username) });
    case "public":
      return tx("{name} made the room public", { name: name(username) });
    case "private":
      return tx("{name} made the room private", { name: name(username) });
    case "owner":
      return tx("{name} owns the room now", { name: name(username) });
    default:
      return [message];
  }
}

export const systemSentence = (message, nameOf) =>
  systemParts(message, nameOf)
    .map((part) => part.name ?? part.said ?? part)
    .join("");
