// Posts a form to a page that also accepts it without scripts.

import { t } from "../i18n/i18n.js";

// Returns {saved}, {errors} by field, or {problem}: a sentence. `large`: the form may exceed the 64 KB that Fetch
// allows with `keepalive`, for a request that outlives its page.
export async function postForm(path, data, { large = false } = {}) {
  let response;
  try {
    const headers = { Accept: "application/json" };
    // `keepalive`: a choice is saved even if the person leaves the page immediately.
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
