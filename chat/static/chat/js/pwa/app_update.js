// Registers the service worker. Its messages report when the server has another version than this page, and which
// message a clicked notification opens.

import { signal } from "@preact/signals";
import { chatPath } from "../net/addresses.js";

// Time for the page to render and for its socket to connect: starting a worker and filling its cache takes a while.
const REGISTER_AFTER_MS = 1_500;

export class AppUpdate {
  // The version of this page.
  version;
  #registration = /** @type {?ServiceWorkerRegistration} */ (null);

  // Whether the server has another version than this page.
  outdated = signal(false);

  // `open(room, seq)`: shows a message.
  constructor(version, open) {
    this.version = version;
    const { serviceWorker } = navigator;
    if (!serviceWorker) return;
    serviceWorker.addEventListener("message", ({ data }) => {
      if (data?.version && data.version !== this.version) this.outdated.value = true;
      if (data?.open) open(data.open.room, data.open.seq);
    });
    // After the load event: the page's own files, its rendering and its first socket go first.
    const later = () => setTimeout(() => this.#register(), REGISTER_AFTER_MS);
    if (document.readyState === "complete") later();
    else addEventListener("load", later, { once: true });
  }

  // The server was away and may have come back with another version.
  check() {
    this.#registration?.update().catch(() => {});
  }

  async #register() {
    try {
      this.#registration = await navigator.serviceWorker.register(chatPath("sw.js"), { updateViaCache: "none" });
    } catch {
      // Some private windows allow no service worker; without it the chat has no offline page.
    }
  }
}
