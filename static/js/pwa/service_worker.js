// The service worker. Pages come from the network; when there is none, the offline page stands in for them.
// It keeps static files, whose addresses change with their content, and never a page that somebody was served.
// FACTS, written before this by the server: {version, offline, shell}. Another version is another worker.

const CACHE = `shell-${FACTS.version}`;
const SHELL = new Set(FACTS.shell);
// A proxy's own words for: the server behind me is away.
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

// A notification of the page, tapped where pages have none of their own: to the window that is open, or to a new one.
addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(lead(event.notification.data));
});

async function lead({ room, seq }) {
  const [open] = await clients.matchAll({ type: "window" });
  if (!open) return clients.openWindow(`/rooms/${encodeURIComponent(room)}/#m${seq}`);
  open.postMessage({ open: { room, seq } });
  return open.focus();
}

async function fill() {
  const cache = await caches.open(CACHE);
  // As nobody: what is kept here must be the same for whoever signs in next.
  await cache.addAll([FACTS.offline, ...SHELL].map((path) => new Request(path, { credentials: "omit" })));
}

async function begin() {
  const old = (await caches.keys()).filter((name) => name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await registration.navigationPreload?.enable();
  // Pages of an older version then know that there is a newer one.
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
