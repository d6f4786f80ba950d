// Web Push for this device: turns it on and off, and renews the subscription when the session or the key changes.

import { chatPath } from "../net/addresses.js";
import { csrfHeaders } from "../net/api.js";

export const pushSupported = () =>
  globalThis.isSecureContext && "PushManager" in globalThis && "serviceWorker" in navigator;

// The subscription of this browser, or null.
export async function subscribed() {
  if (!pushSupported()) return null;
  const registration = await navigator.serviceWorker.getRegistration(chatPath(""));
  return (await registration?.pushManager.getSubscription()) ?? null;
}

// Throws when the browser or the server refuses.
export async function turnOn() {
  await navigator.serviceWorker.register(chatPath("sw.js"), { updateViaCache: "none" });
  const { public_key } = await ask("GET", "key");
  const { pushManager } = await navigator.serviceWorker.ready;
  const before = await pushManager.getSubscription();
  if (before && textOf(before.options.applicationServerKey) !== public_key) await before.unsubscribe();
  const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(public_key) });
  return ask("POST", "subscriptions", made.toJSON());
}

// The server stops sending once the push service reports the subscription as gone.
export const turnOff = async () => (await subscribed())?.unsubscribe();

export const renew = async () => ((await subscribed()) ? turnOn() : null);

async function ask(method, path, body) {
  const answer = await fetch(chatPath(`api/v1/push/${path}`), {
    method,
    body: body && JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...csrfHeaders() },
  });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).message ?? "");
  return answer.json();
}

const bytesOf = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

const textOf = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
