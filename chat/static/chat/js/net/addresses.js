// The base path of the chat on its server: "/" in a project of its own, any path inside another project.

const base = globalThis.document?.body?.dataset?.base ?? "/";

// The address of a path of the chat, with or without a leading slash.
export const chatPath = (path) => base + path.replace(/^\//, "");

// Address -> slug, of all rooms that this page has linked to. Events and commands name a room by its slug, which never
// changes; its owner can change the address of its page.
const slugs = new Map();

// The address of a room's page.
export function roomPath({ room, address }) {
  if (address) slugs.set(address, room);
  return chatPath(`rooms/${address || room}/`);
}

// The slug of the room that an address names.
export const slugAt = (name) => slugs.get(name.toLowerCase()) ?? name;

// The room that the page's address names.
export function slugOfPath() {
  const name = /^rooms\/([\w-]{1,64})\/$/.exec(location.pathname.slice(chatPath("").length))?.[1];
  return name && slugAt(name);
}

// Whether a message has link previews, or links to something in this chat.
export const leadsOn = ({ previews, message }) =>
  previews?.length > 0 || (message.includes("rooms/") && message.includes(location.host + chatPath("rooms/")));
