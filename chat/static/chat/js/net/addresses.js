// Where the chat is on its server: at "/" in a project of its own, at any path inside another.

const base = globalThis.document?.body?.dataset?.base ?? "/";

// The address of a path of the chat, as the server names it: with or without the slash in front.
export const chatPath = (path) => base + path.replace(/^\//, "");

// Address -> slug, of all rooms that this page has led to. Events and commands name a room by its slug, which stays; the
// address of its page is another one where its owner has changed it.
const slugs = new Map();

// The address of a room's page.
export function roomPath({ room, address }) {
  if (address) slugs.set(address, room);
  return chatPath(`rooms/${address || room}/`);
}

// The slug of a room by what names it in an address.
export const slugAt = (name) => slugs.get(name.toLowerCase()) ?? name;

// The room that the page's address names.
export function slugOfPath() {
  const name = /^rooms\/([\w-]{1,64})\/$/.exec(location.pathname.slice(chatPath("").length))?.[1];
  return name && slugAt(name);
}

// Whether a message has pages that it links to, or links to something in this chat.
export const leadsOn = ({ previews, message }) =>
  previews?.length > 0 || (message.includes("rooms/") && message.includes(location.host + chatPath("rooms/")));
