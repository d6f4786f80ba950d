// Uploads files before their message is sent: each file once, whichever tab of this browser uploads it. An upload
// resumes after a lost connection and after a reload.

import { signal } from "@preact/signals";
import { refusalText, t } from "../i18n/i18n.js";
import { describe, discard, sendFile } from "./transfer.js";

const AT_ONCE = 2;
const AGAIN_FIRST_MS = 1_000;
const AGAIN_MAX_MS = 30_000;

export class Uploads {
  #blobs;
  #send;
  #discard;
  #describe;
  #alone;
  #page;
  // key -> AbortController
  #running = new Map();
  #waiting = [];
  #wakers = new Set();

  // key -> {state, sent, reason}; `state`: "waiting" | "uploading" | "paused" | "failed" | "done".
  progress = signal(new Map());

  // `page`: `find(key)`: the facts of a file in a tray or in the outbox, null if it is no longer needed;
  // `change(key, change)`, `failed(key)`.
  // `locks`: the browser's lock manager; without one (plain http) each tab uploads on its own.
  constructor({ blobs, page, locks = globalThis.navigator?.locks, send = sendFile, drop = discard, tell = describe }) {
    this.#blobs = blobs;
    this.#page = page;
    this.#send = send;
    this.#discard = drop;
    this.#describe = tell;
    this.#alone = (key, act) => (locks ? locks.request(`upload:${key}`, act) : act());
  }

  of({ key, id }) {
    return id ? { state: "done", sent: 0, reason: "" } : (this.progress.value.get(key) ?? WAITING);
  }

  // The uploaded share of all bytes of these files, from 0 to 1.
  share(files) {
    const all = files.reduce((sum, { size }) => sum + size, 0);
    const sent = files.reduce((sum, file) => sum + (file.id ? file.size : this.of(file).sent), 0);
    return all ? Math.min(1, sent / all) : 1;
  }

  begin(key) {
    const file = this.#page.find(key);
    if (!file || file.id || this.#running.has(key) || this.#waiting.includes(key)) return;
    this.#set(key, WAITING);
    this.#waiting.push(key);
    this.#next();
  }

  // Cancels the upload and deletes what the server already has of it.
  cancel(key) {
    const file = this.#page.find(key);
    this.#waiting = this.#waiting.filter((other) => other !== key);
    this.#running.get(key)?.abort();
    const id = file?.id ?? file?.upload?.split("/").filter(Boolean).at(-1);
    if (id) this.#discard(id);
    this.forget(key);
  }

  // The person changed the name, description or preview: a running upload restarts, an uploaded file is updated.
  describe(key) {
    const file = this.#page.find(key);
    // The server no longer has a preview of the file.
    if (file?.id && file.unseen && !file.plain) {
      this.#again(key);
    } else if (file?.id) {
      // Without an `id` the message waits until the server has the change.
      const { id } = file;
      this.#page.change(key, { id: undefined });
      const { name, description, plain } = file;
      const told = () => {
        this.#done(key, id);
        const now = this.#page.find(key);
        // Changed again meanwhile.
        if (now && (now.name !== name || now.description !== description || now.plain !== plain)) this.describe(key);
      };
      this.#tell(id, file).then(told, () => this.#again(key));
    } else if (this.#running.has(key)) {
      this.#running.get(key).abort();
      this.#again(key);
    }
  }

  #again(key) {
    this.#page.change(key, { id: undefined, upload: undefined, unseen: undefined });
    this.#running.delete(key);
    this.begin(key);
  }

  async #tell(id, { key, name, description, plain }) {
    await this.#describe(id, { name, description, plain });
    if (plain) this.#page.change(key, { unseen: true });
  }

  // The file's message has been posted, or the file is no longer needed.
  forget(key) {
    this.#blobs.remove(key);
    const progress = new Map(this.progress.peek());
    if (progress.delete(key)) this.progress.value = progress;
  }

  // The connection is back: paused uploads continue without waiting for their timers.
  tryNow() {
    for (const wake of [...this.#wakers]) wake();
  }

  #next() {
    while (this.#running.size < AT_ONCE && this.#waiting.length) {
      const key = this.#waiting.shift();
      const controller = new AbortController();
      this.#running.set(key, controller);
      this.#alone(key, () => this.#run(key, controller.signal))
        .catch(() => {})
        .finally(() => {
          if (this.#running.get(key) === controller) this.#running.delete(key);
          this.#next();
        });
    }
  }

  async #run(key, stop) {
    for (let tries = 0; !stop.aborted; tries += 1) {
      const file = this.#page.find(key);
      if (!file) return;
      // Another tab has uploaded it.
      if (file.id) return this.#done(key, file.id);
      try {
        const id = await this.#sent(file, stop);
        const now = this.#page.find(key);
        if (now?.plain) await this.#tell(id, now);
        return this.#done(key, id);
      } catch (problem) {
        if (stop.aborted) return;
        if (!problem.passing) return this.#fail(key, problem);
        this.#set(key, { state: "paused" });
        await this.#pause(problem.after || Math.min(AGAIN_FIRST_MS * 2 ** tries, AGAIN_MAX_MS), stop);
      }
    }
  }

  async #sent(file, stop) {
    const { key } = file;
    const blob = await this.#blobs.get(key);
    if (!blob)
      throw Object.assign(new Error(), { code: "lost_bytes", message: t("It is not on this device any more.") });
    this.#set(key, { state: "uploading" });
    return await this.#send(file, blob, {
      progress: (sent) => stop.aborted || this.#set(key, { state: "uploading", sent }),
      begun: (upload) => this.#page.change(key, { upload }),
      signal: stop,
    });
  }

  #done(key, id) {
    this.#set(key, { state: "done" });
    this.#page.change(key, { id });
  }

  #fail(key, problem) {
    const reason = problem.code ? refusalText(problem) : problem.message;
    this.#set(key, { state: "failed", sent: 0, reason });
    this.#page.change(key, { upload: undefined });
    this.#page.failed(key);
  }

  #set(key, change) {
    this.progress.value = new Map(this.progress.peek()).set(key, {
      ...(this.progress.peek().get(key) ?? WAITING),
      ...change,
    });
  }

  #pause(delay, stop) {
    return new Promise((/** @type {(value?: any) => void} */ resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#wakers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, delay);
      this.#wakers.add(wake);
      stop.addEventListener("abort", wake);
    });
  }
}

const WAITING = { state: "waiting", sent: 0, reason: "" };
