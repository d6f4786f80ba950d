// The service worker. Pages come from the network; without a network the worker serves the offline page.
// It caches static files, whose addresses change with their content, and never a page served to a person.
// The server puts FACTS in front of this script: {version, base, offline, shell, icon}. A new version is a new worker.

const CACHE = `shell-${FACTS.version}`;
const SHELL = new Set(FACTS.shell);
// Status codes with which a proxy reports that the server behind it is away.
const AWAY = [502, 504];

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(fill());
});

addEventListener("activate", (event) => event.waitUntil(begin()));

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET") event.respondWith(page(event));
  else if (SHELL.has(new URL(request.url).pathname)) event.respondWith(kept(request));
});

addEventListener("push", (event) => event.waitUntil(pushed(event.data?.json() ?? {})));

addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(acted(event.action, event.reply, event.notification.data).then(badge));
});

// `facts`: {type: "notification", room, title, body, seq, url, tag, words, silent, count} or {type: "read", room, seq}.
// `count`: the number of reactions to the message.
async function pushed(facts) {
  if (facts.type === "read") await close(`room-${facts.room}`, facts.seq);
  else if (facts.type === "notification") await show(facts);
  await badge();
}

async function show({ room, title, body, seq, url, tag, words, silent = false, count = 0 }) {
  // A page in front shows the message itself.
  if (room && (await pages()).some((one) => one.focused)) return;
  const [before] = await registration.getNotifications({ tag });
  // The push came twice, or a page has already shown it. A test push, without a room, is always shown.
  if (room && before?.data?.seq >= seq && !(count > before.data.count)) return;
  const actions = words && [
    { action: "reply", type: "text", title: words.reply },
    { action: "read", title: words.read },
  ];
  const { icon } = FACTS;
  const data = { room, seq, url, ...(count && { count }) };
  const options = { body, tag, icon, badge: icon, renotify: Boolean(before), silent, data, actions };
  await registration.showNotification(title, options);
}

// Includes pages opened before the worker existed, or without it.
const pages = () => clients.matchAll({ type: "window", includeUncontrolled: true });

async function close(tag, seq) {
  for (const one of await registration.getNotifications({ tag })) if (one.data?.seq <= seq) one.close();
}

// Sets the number on the installed app's icon, where the system supports it: the rooms that call this person.
async function badge() {
  const shown = await registration.getNotifications();
  await navigator.setAppBadge?.(shown.length)?.catch(() => {});
}

// Opens the message if the system has no reply field or button, or if the request fails.
async function acted(action, reply, { room, seq, url }) {
  if (action === "read" && (await send(`rooms/${room}/read`, { seq }))) return;
  const answer = { message: reply, client_id: crypto.randomUUID() };
  if (action === "reply" && reply && (await send(`rooms/${room}/messages`, answer))) return;
  await lead({ room, seq, url });
}

async function send(path, body) {
  const headers = { "Content-Type": "application/json", [FACTS.csrf.header]: await csrfToken().catch(() => "") };
  const asked = fetch(`${FACTS.base}api/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  return asked.then((answer) => answer.ok).catch(() => false);
}

// If the project hides the cookie from scripts, a signed-in page has the token.
async function csrfToken() {
  const { cookie, page } = FACTS.csrf;
  if (!page) return (await globalThis.cookieStore?.get(cookie))?.value ?? "";
  const answer = await fetch(page, { cache: "no-store" });
  return answer.ok ? await answer.text() : "";
}

// The browser has replaced this device's subscription.
async function renew({ oldSubscription, newSubscription }) {
  const made =
    newSubscription ?? (oldSubscription && (await registration.pushManager.subscribe(oldSubscription.options)));
  if (made) await send("push/subscriptions", made.toJSON());
}

// The worker knows the base path of the chat; the process that sent the push may not.
const addressOf = ({ room, seq, url }) => (room ? `${FACTS.base}rooms/${encodeURIComponent(room)}/#m${seq}` : url);

async function lead({ room, seq, url }) {
  const [open] = await pages();
  if (!open) return clients.openWindow(addressOf({ room, seq, url }));
  if (room) open.postMessage({ open: { room, seq } });
  return open.focus();
}

async function fill() {
  const cache = await caches.open(CACHE);
  // Without cookies: the cached files must be the same for the next person who signs in.
  await cache.addAll([FACTS.offline, ...SHELL].map((path) => new Request(path, { credentials: "omit" })));
}

async function begin() {
  const old = (await caches.keys()).filter((name) => name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await registration.navigationPreload?.enable();
  // Reports the new version to pages of an older one.
  for (const client of await clients.matchAll({ includeUncontrolled: true }))
    client.postMessage({ version: FACTS.version });
}

async function page(event) {
  try {
    const answer = (await event.preloadResponse) ?? (await fetch(event.request));
    return AWAY.includes(answer.status) ? ((await caches.match(FACTS.offline)) ?? answer) : answer;
  } catch (error) {
    return (await caches.match(FACTS.offline)) ?? Promise.reject(error);
  }
}

async function kept(request) {
  return (await caches.match(request)) ?? fetch(request);
}
