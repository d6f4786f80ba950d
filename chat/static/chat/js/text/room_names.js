// Derives the address of a room from its name, as far as that is in Latin letters. Pure.

// The longest slug that docs/protocol.md allows.
export const NAME_MAX = 64;

// Returns "" for a name with letters that have no Latin form here: the server then writes the address.
export const derivedName = (title) =>
  /[^\p{ASCII}]/u.test(title.normalize("NFKD").replace(/[\p{M}\p{P}\p{S}\p{Z}]/gu, ""))
    ? ""
    : asName(title.trim())
        .replace(/-{2,}/g, "-")
        .replace(/^-+|-+$/g, "");

// Lower case, spaces as hyphens, without the characters that an address cannot contain.
export function asName(text) {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/\s+/g, "-")
    .replace(/[^a-z0-9_-]/g, "")
    .slice(0, NAME_MAX);
}
