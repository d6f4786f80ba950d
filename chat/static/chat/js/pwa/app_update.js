// The service worker as the chat sees it: registers it, and hears when the server has another version than this page, and
// where a notification that was clicked leads.

import { signal } from "@preact/signals";
import { chatPath } from "../net/addresses.js";

// Until the page has drawn itself and its socket has answered: to begin a worker and to fill its cache takes a while.
const REGISTER_AFTER_MS = 1_500;

export class AppUpdate {
  // Of the page.
  version;
  #registration = /** @type {?ServiceWorkerRegistration} */ (null);

  // Is there a newer version than the one this page came with?
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
    // After the page is there: its own files, what it draws and its first socket go first.
    const later = () => setTimeout(() => this.#register(), REGISTER_AFTER_MS);
    if (document.readyState === "complete") later();
    else addEventListener("load", later, { once: true });
  }

  // The server was away; it may have come back as another version.
  check() {
    this.#registration?.update().catch(() => {});
  }

  async #register() {
    try {
      this.#registration = await navigator.serviceWorker.register(chatPath("sw.js"), { updateViaCache: "none" });
    } catch {
      // Some private windows allow none; the chat needs it for nothing but the offline page.
    }
  }
}
