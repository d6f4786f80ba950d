// Sends a form to the pages that also take it without scripts.

import { t } from "../i18n/i18n.js";

// Gives {saved}, {errors} by field, or {problem}: a sentence. `large`: it may have more than the 64 KB that a page may send
// while it is left (Fetch, keepalive).
export async function postForm(path, data, { large = false } = {}) {
  let response;
  try {
    const headers = { Accept: "application/json" };
    // Whoever chooses something and leaves the page at once has chosen it.
    response = await fetch(path, {
      method: "POST",
      body: data,
      headers,
      credentials: "same-origin",
      redirect: "error",
      keepalive: !large,
    });
  } catch {
    return { problem: t("Not saved: the server could not be reached. Try again in a moment.") };
  }
  const answer = await response.json().catch(() => null);
  return answer?.saved || answer?.errors ? answer : { problem: t("Not saved. Reload the page and try again.") };
}
