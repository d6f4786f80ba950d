// Where the chat is on its server: at "/" in a project of its own, at any path inside another.

const base = globalThis.document?.body?.dataset?.base ?? "/";

// The address of a path of the chat, as the server names it: with or without the slash in front.
export const chatPath = (path) => base + path.replace(/^\//, "");

// The room that the page's address names.
export const slugOfPath = () => /^rooms\/([\w-]{1,64})\/$/.exec(location.pathname.slice(chatPath("").length))?.[1];

// Whether a message has pages that it links to, or links to something in this chat.
export const leadsOn = ({ previews, message }) =>
  previews?.length > 0 || message.includes(location.host + chatPath("rooms/"));
