// Sends a form to the pages that also take it without scripts.

// Gives {saved}, {errors} by field, or {problem}: a sentence.
export async function postForm(path, data) {
  let response;
  try {
    const headers = { Accept: "application/json" };
    response = await fetch(path, { method: "POST", body: data, headers, credentials: "same-origin", redirect: "error" });
  } catch {
    return { problem: "Not saved: the server could not be reached. Try again in a moment." };
  }
  const answer = await response.json().catch(() => null);
  return answer?.saved || answer?.errors ? answer : { problem: "Not saved. Load the page again, then try once more." };
}
