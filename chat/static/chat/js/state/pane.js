// What stands beside the conversation: one occupant at a time. The members are remembered; the others have an address
// (`?files`, `?search=words`), so that Back closes them and a reload keeps them.

import { computed, signal } from "@preact/signals";

const MEMBERS = { kind: "members", value: "" };

export class Pane {
  #storage;
  #occupants;
  #narrow;
  #focusElsewhere;
  #opener = /** @type {?HTMLElement} */ (null);
  // Opened from what had stood here.
  #within = false;
  #takesFocus = false;

  membersOpen = signal(false);
  // What the address asks for: {kind, value}, or null.
  asked = signal(/** @type {?{kind: string, value: string}} */ (null));
  // What is seen: what is asked for, else the members where they are open, else null.
  shown;

  // `occupants`: of panes.js. `narrow()`: whether the pane lies over the conversation. `hasMembers()`: whether the room that
  // is open has a list of them. `focusElsewhere()` when what had opened a pane is gone.
  constructor({ storage, occupants, narrow, hasMembers, focusElsewhere }) {
    this.#storage = storage;
    this.#occupants = occupants;
    this.#narrow = narrow;
    this.#focusElsewhere = focusElsewhere;
    this.membersOpen.value = !narrow() && storage.get("members") !== false;
    this.asked.value = this.#inAddress();
    this.shown = computed(() => this.asked.value ?? (this.membersOpen.value && hasMembers() ? MEMBERS : null));
  }

  get kind() {
    return this.shown.value?.kind ?? null;
  }

  // Whether it lies over the conversation, and is in the way of who looks for something there.
  get covers() {
    const asked = this.asked.peek();
    return Boolean(asked) && (this.#narrow() || Boolean(this.#occupants[asked.kind].wide));
  }

  // The module of an occupant, null until it is here.
  module(kind) {
    return this.#occupants[kind].load.value;
  }

  prefetch(kind) {
    this.#occupants[kind]?.load.fetch();
  }

  // One replaces the other in the address, too: Back closes the pane, however often it has changed.
  open(kind, value = "") {
    this.#takesFocus = true;
    if (!this.asked.peek()) this.#remember();
    const address = `${location.pathname}${queryOf({ kind, value })}`;
    if (this.asked.peek()) history.replaceState(history.state, "", address);
    else history.pushState({ pane: true }, "", address);
    this.asked.value = { kind, value };
  }

  // What is open changes what it shows, as a search does with each word.
  become(value) {
    const kind = this.asked.peek()?.kind;
    if (!kind) return;
    history.replaceState(history.state, "", `${location.pathname}${queryOf({ kind, value })}`);
    this.asked.value = { kind, value };
  }

  toggle(kind, value = "") {
    if (this.kind === kind) this.close();
    else this.open(kind, value);
  }

  showMembers(open) {
    this.drop();
    if (open) this.#remember();
    this.#takesFocus = open;
    this.membersOpen.value = open;
    if (!this.#narrow()) this.#storage.set("members", open);
    if (!open) this.#giveBack();
  }

  // Back to what was there before.
  close() {
    if (!this.asked.peek()) {
      this.showMembers(false);
    } else if (history.state?.pane) {
      this.asked.value = null;
      history.back();
      this.#giveBack();
    } else {
      this.drop();
      this.#giveBack();
    }
  }

  // Closed on the way to somewhere else in the page, which has the focus then.
  drop() {
    if (!this.asked.peek()) return;
    this.asked.value = null;
    history.replaceState(null, "", `${location.pathname}${location.hash}`);
  }

  // Another room is opened: the part of its address that stays, "" for none.
  leaveRoom() {
    const asked = this.asked.peek();
    if (this.#narrow()) this.membersOpen.value = false;
    if (asked && !this.#narrow() && this.#occupants[asked.kind].stays) return queryOf(asked);
    this.asked.value = null;
    return "";
  }

  // The browser went back or forth.
  follow() {
    const before = this.asked.peek();
    const now = this.#inAddress();
    if (before?.kind === now?.kind && before?.value === now?.value) return;
    this.asked.value = now;
    if (before && !now) this.#giveBack();
  }

  // Once for each time that a person opened something: whether it may take the focus.
  takeFocus() {
    const takes = this.#takesFocus;
    this.#takesFocus = false;
    return takes;
  }

  #inAddress() {
    for (const [kind, value] of new URLSearchParams(location.search))
      if (Object.hasOwn(this.#occupants, kind)) return { kind, value };
    return null;
  }

  // A dialog goes before it could get the focus back; what stood here before is drawn anew.
  #remember() {
    const focused = /** @type {?HTMLElement} */ (document.activeElement);
    this.#within = Boolean(focused?.closest("#pane"));
    this.#opener = focused?.closest("dialog, #pane") ? null : focused;
  }

  #giveBack() {
    const opener = this.#opener;
    this.#opener = null;
    this.#takesFocus = this.#within && this.shown.value !== null;
    if (this.#takesFocus) return;
    if (opener?.isConnected && opener !== document.body) opener.focus({ preventScroll: true });
    else this.#focusElsewhere();
  }
}

const queryOf = ({ kind, value }) => (value ? `?${new URLSearchParams({ [kind]: value })}` : `?${kind}`);
