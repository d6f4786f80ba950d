// The address of a room, made of its name as far as that has Latin letters. Pure.

// The slugs that docs/protocol.md allows.
export const NAME_MAX = 64;

// A letter that has no Latin form here is the server's to write.
export const derivedName = (title) =>
  /[^\p{ASCII}]/u.test(title.normalize("NFKD").replace(/[\p{M}\p{P}\p{S}\p{Z}]/gu, ""))
    ? ""
    : asName(title.trim())
        .replace(/-{2,}/g, "-")
        .replace(/^-+|-+$/g, "");

// Lower case as typed, spaces to hyphens, nothing an address cannot hold.
export function asName(text) {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/\s+/g, "-")
    .replace(/[^a-z0-9_-]/g, "")
    .slice(0, NAME_MAX);
}
