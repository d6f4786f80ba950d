// Matches people of an export to accounts: suggests from all people while typing, not only the first ones in the page.

import { getJson } from "./net/api.js";

const SEARCH_AFTER_MS = 200;

let timer = 0;

async function complete(typed) {
  const list = document.getElementById("our-people");
  const found = await getJson(`people?q=${encodeURIComponent(typed)}`).catch(() => null);
  const known = new Set([...(list?.children ?? [])].map((option) => option.getAttribute("value")));
  for (const { username, display_name } of found?.people ?? [])
    if (!known.has(`@${username}`)) list?.append(new Option(display_name ?? "", `@${username}`));
}

// The list is replaced while an import runs, so the listener is on the document.
document.addEventListener("input", ({ target }) => {
  if (!(target instanceof HTMLInputElement) || target.getAttribute("list") !== "our-people") return;
  clearTimeout(timer);
  const typed = target.value.trim().replace(/^@/, "");
  if (typed) timer = setTimeout(() => complete(typed), SEARCH_AFTER_MS);
});
