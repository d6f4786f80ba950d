// Calls to the server's HTTP API, for requests that need no socket.

import { t } from "../i18n/i18n.js";
import { chatPath } from "./addresses.js";
import { Refused } from "./session.js";

export async function getJson(path) {
  return call(path, { method: "GET" });
}

export const postJson = (path, body) => sendJson("POST", path, body);
export const putJson = (path, body) => sendJson("PUT", path, body);
export const patchJson = (path, body) => sendJson("PATCH", path, body);

async function sendJson(method, path, body) {
  return call(path, {
    method,
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...csrfHeaders() },
  });
}

// The surrounding project names the cookie and the header. If it hides the cookie from scripts, the page has the token.
const facts = () => globalThis.document?.body?.dataset ?? {};

export const csrfToken = () => facts().csrfToken ?? cookie(facts().csrfCookie ?? "csrftoken");
export const csrfHeaders = () => ({ [facts().csrfHeader ?? "X-CSRFToken"]: csrfToken() });

const cookie = (name) =>
  document.cookie
    .split("; ")
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? "";

export async function call(path, options) {
  let response;
  try {
    response = await fetch(chatPath(`api/v1/${path}`), { credentials: "same-origin", ...options });
  } catch {
    throw new Refused({ code: "lost", message: t("The server could not be reached. Try again in a moment.") });
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok)
    throw new Refused({
      code: body.code ?? "server_error",
      message: body.message ?? t("Something went wrong. Try again in a moment."),
      ...body,
    });
  return body;
}
