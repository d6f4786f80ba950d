// What this window shows besides the conversation itself: which room, which drawer, menu, dialog or toast.

import { batch, signal } from "@preact/signals";
import { TypedAhead } from "./typed_ahead.js";

const TOAST_MS = 6_000;
const TINT_MS = 2_000;
const NARROW = matchMedia("(max-width: 68.75em)");

export class Ui {
  #storage;
  #nextToast = 1;

  room = signal(null);
  sidebarOpen = signal(false);
  // {anchor, content} and {content, shown}. `content`: a function that renders it; `shown`: whether it has rendered.
  menu = signal(null);
  dialog = signal(null);
  toasts = signal([]);
  // A function that renders the overlay at the top of the conversation, shown for a few seconds.
  over = signal(null);
  // The message just jumped to: {room, seq}.
  tinted = signal(null);
  folded;
  ahead = new TypedAhead();

  constructor(storage) {
    this.#storage = storage;
    this.folded = signal(new Set(storage.get("folded") ?? []));
  }

  get narrow() {
    return NARROW.matches;
  }

  fold(section) {
    const folded = new Set(this.folded.value);
    if (!folded.delete(section)) folded.add(section);
    this.folded.value = folded;
    this.#storage.set("folded", [...folded]);
  }

  openMenu(anchor, content) {
    this.menu.value = { anchor, content, opener: document.activeElement };
  }

  closeMenu() {
    const menu = this.menu.value;
    this.menu.value = null;
    if (menu?.opener?.isConnected) menu.opener.focus({ preventScroll: true });
  }

  // Reads the DOM: the close event after Escape fires late, and the next key may arrive first.
  get hasDialog() {
    return Boolean(document.querySelector("dialog[open]"));
  }

  openDialog(content) {
    batch(() => {
      this.menu.value = null;
      this.dialog.value = { content, opener: document.activeElement, shown: false };
    });
  }

  closeDialog() {
    this.dialog.value = null;
  }

  toast(text, action = null) {
    const id = this.#nextToast++;
    this.toasts.value = [...this.toasts.value, { id, text, action, showFor: TOAST_MS }];
  }

  dropToast(id) {
    this.toasts.value = this.toasts.value.filter((toast) => toast.id !== id);
  }

  tint(room, seq) {
    const tinted = { room, seq };
    this.tinted.value = tinted;
    setTimeout(() => this.tinted.value === tinted && (this.tinted.value = null), TINT_MS);
  }
}
