// Posted messages without an acknowledgement yet. They survive a reload, are sent again under the same `client_id`
// after a reconnect, and keep their order in each room: only one message per room is in flight.

import { signal } from "@preact/signals";
import { refusalText, t } from "../i18n/i18n.js";
import { now } from "../state/clock.js";
import { newId } from "./new_id.js";

const PREFIX = "outbox:";
const FAILED_AFTER_MS = 30_000;
const RETRY_UNAVAILABLE_MS = 2_000;
// Errors that may pass by themselves. After any other, the writer must change the message.
const PASSING = new Set(["rate_limited", "unavailable", "server_error"]);

export class Outbox {
  #storage;
  #send;
  #bring;
  #drop;
  #connected = false;
  // client_id -> the timer that gives up or tries again.
  #timers = new Map();

  // Entries in the order of posting: {client_id, room, message, reply_to, files?, thread?, in_room?, at, state, reason,
  // seq}. `state`: "waiting" | "sending" | "failed" | "sent" (acknowledged, the message itself has not arrived yet).
  entries = signal([]);

  // `send(entry)` hands the frame to the socket and returns whether it could. `bring(files)` uploads files that have no
  // `id` yet, for a waiting message. `drop(files)`: no message waits for these files any more.
  constructor({ storage, send, bring = (_) => {}, drop = (_) => {} }) {
    this.#storage = storage;
    this.#send = send;
    this.#bring = bring;
    this.#drop = drop;
    this.#take(storage.withPrefix(PREFIX));
    storage.onJoin(() => {
      this.#take(storage.withPrefix(PREFIX).filter(([clientId]) => !this.#find(clientId)));
      if (this.#connected) this.connected();
    });
  }

  add({ room, message, reply_to = null, files = /** @type {any[]} */ ([]), thread = 0, in_room = false }) {
    const at = now();
    const last = this.entries.value.at(-1);
    const entry = {
      client_id: newId(),
      room,
      message,
      reply_to,
      ...(files.length && { files }),
      ...(thread && { thread, in_room }),
      at,
      nth: last?.at === at ? last.nth + 1 : 0,
      state: "waiting",
    };
    this.#save(entry);
    this.entries.value = [...this.entries.value, entry];
    this.#sendNext(room);
    return entry;
  }

  retry(clientId) {
    this.#change(clientId, { state: "waiting", reason: "" });
    this.#sendNext(this.#find(clientId)?.room);
  }

  remove(clientId) {
    const entry = this.#find(clientId);
    if (!entry) return;
    this.#stopTimer(clientId);
    this.#storage.remove(PREFIX + clientId);
    if (entry.files) this.#drop(entry.files);
    this.entries.value = this.entries.value.filter((other) => other.client_id !== clientId);
    this.#sendNext(entry.room);
  }

  // --- Files of messages -------------------------------------------------------------------------------

  file(key) {
    return this.entries.value.flatMap(({ files }) => files ?? []).find((file) => file.key === key) ?? null;
  }

  changeFile(key, change) {
    const entry = this.#withFile(key);
    if (!entry) return;
    const files = entry.files.map((file) => (file.key === key ? { ...file, ...change } : file));
    this.#change(entry.client_id, { files });
    this.#save(this.#find(entry.client_id));
    if (files.every(({ id }) => id)) this.#sendNext(entry.room);
  }

  // A failed file blocks only its own message.
  fileFailed(key) {
    const entry = this.#withFile(key);
    const name = entry?.files.find((file) => file.key === key).name;
    if (entry) this.#fail(entry, t("{name} was not uploaded.", { name }));
  }

  // Sends the message without the files that failed to upload.
  sendWithout(clientId) {
    const { files, message } = this.#find(clientId);
    const left = files.filter(({ id }) => id);
    this.#drop(files.filter(({ id }) => !id));
    if (!left.length && !message.trim()) return this.remove(clientId);
    this.#change(clientId, { files: left.length ? left : undefined });
    this.retry(clientId);
  }

  // Entries with files that are not uploaded yet.
  get incomplete() {
    return this.entries.value.filter(({ files, state }) => state !== "failed" && files?.some(({ id }) => !id));
  }

  #withFile(key) {
    return this.entries.value.find(({ files }) => files?.some((file) => file.key === key));
  }

  get waiting() {
    return this.entries.value.filter((entry) => entry.state === "waiting").map((entry) => entry.client_id);
  }

  get unsent() {
    return this.entries.value.filter((entry) => entry.state !== "sent").length;
  }

  connected() {
    this.#connected = true;
    for (const room of new Set(this.entries.value.map((entry) => entry.room))) this.#sendNext(room);
  }

  disconnected() {
    this.#connected = false;
    for (const clientId of this.#timers.keys()) this.#stopTimer(clientId);
    this.entries.value = this.entries.value.map((entry) =>
      entry.state === "sending" ? { ...entry, state: "waiting" } : entry,
    );
  }

  acknowledged({ client_id, seq }) {
    const entry = this.#find(client_id);
    if (!entry) return;
    this.#stopTimer(client_id);
    this.#storage.remove(PREFIX + client_id);
    this.#change(client_id, { state: "sent", seq, reason: "" });
    this.#sendNext(entry.room);
  }

  // The message itself has arrived: the entry is no longer pending.
  arrived(clientId) {
    this.remove(clientId);
  }

  refused({ client_id, code, message, retry_after, fields }) {
    const entry = this.#find(client_id);
    if (!entry) return;
    // Files that the server no longer has, or gave to another message, are uploaded again at the next try.
    if (fields?.files) this.#change(client_id, { files: entry.files?.map(({ id, upload, ...file }) => file) });
    if (PASSING.has(code)) {
      this.#change(client_id, { state: "waiting", since: entry.since ?? Date.now() });
      if (code !== "rate_limited" && Date.now() - (entry.since ?? Date.now()) > FAILED_AFTER_MS)
        this.#fail(entry, refusalText({ code, message }));
      else
        this.#startTimer(client_id, retry_after ? retry_after * 1000 : RETRY_UNAVAILABLE_MS, () =>
          this.#sendNext(entry.room),
        );
    } else {
      this.#fail(entry, refusalText({ code, message }));
    }
  }

  // Adds entries that the device has kept.
  #take(kept) {
    const entries = kept.map(([, entry]) => ({ ...entry, state: entry.state === "failed" ? "failed" : "waiting" }));
    this.entries.value = [...this.entries.value, ...entries].sort((a, b) => a.at - b.at || a.nth - b.nth);
  }

  #fail(entry, reason) {
    this.#stopTimer(entry.client_id);
    this.#change(entry.client_id, { state: "failed", reason, since: undefined });
    this.#save(this.#find(entry.client_id));
    this.#sendNext(entry.room);
  }

  #sendNext(room) {
    if (!this.#connected) return;
    const waiting = this.entries.value.filter(
      (entry) => entry.room === room && entry.state !== "failed" && entry.state !== "sent",
    );
    const next = waiting[0];
    if (next?.files?.some(({ id }) => !id)) {
      this.#bring(next.files);
      return;
    }
    if (!next || next.state === "sending" || this.#timers.has(next.client_id) || !this.#send(next)) return;
    this.#change(next.client_id, { state: "sending" });
    this.#startTimer(next.client_id, FAILED_AFTER_MS, () => this.#fail(next, t("The server did not answer.")));
  }

  #startTimer(clientId, delay, action) {
    this.#stopTimer(clientId);
    const timer = setTimeout(() => {
      this.#timers.delete(clientId);
      action();
    }, delay);
    this.#timers.set(clientId, timer);
  }

  #stopTimer(clientId) {
    clearTimeout(this.#timers.get(clientId));
    this.#timers.delete(clientId);
  }

  #find(clientId) {
    return this.entries.value.find((entry) => entry.client_id === clientId);
  }

  #change(clientId, change) {
    this.entries.value = this.entries.value.map((entry) =>
      entry.client_id === clientId ? { ...entry, ...change } : entry,
    );
  }

  #save(entry) {
    this.#storage.set(PREFIX + entry.client_id, entry);
  }
}
