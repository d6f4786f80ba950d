// The pane beside the conversation, with one occupant at a time. The member list is remembered; the others have an
// address (`?files`, `?search=words`), so that Back closes them and a reload keeps them.

import { computed, signal } from "@preact/signals";

const MEMBERS = { kind: "members", value: "" };

export class Pane {
  #storage;
  #occupants;
  #narrow;
  #focusElsewhere;
  #opener = /** @type {?HTMLElement} */ (null);
  // Whether the occupant was opened from inside the pane.
  #within = false;
  #takesFocus = false;

  membersOpen = signal(false);
  // The occupant in the address: {kind, value}, or null.
  asked = signal(/** @type {?{kind: string, value: string}} */ (null));
  // The visible occupant: the one in the address, else the members if they are open, else null.
  shown;

  // `occupants`: from panes.js. `narrow()`: whether the pane covers the conversation. `hasMembers()`: whether the open
  // room has a member list. `focusElsewhere()`: called when the element that opened the pane is gone.
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

  // Whether it covers the conversation, so that it must close before something there can be seen.
  get covers() {
    const asked = this.asked.peek();
    return Boolean(asked) && (this.#narrow() || Boolean(this.#occupants[asked.kind].wide));
  }

  // The module of an occupant, null until it has loaded.
  module(kind) {
    return this.#occupants[kind].load.value;
  }

  prefetch(kind) {
    this.#occupants[kind]?.load.fetch();
  }

  // An occupant also replaces the last one in the address: Back closes the pane, however often it has changed.
  open(kind, value = "") {
    this.#takesFocus = true;
    if (!this.asked.peek()) this.#remember();
    const address = `${location.pathname}${queryOf({ kind, value })}`;
    if (this.asked.peek()) history.replaceState(history.state, "", address);
    else history.pushState({ pane: true }, "", address);
    this.asked.value = { kind, value };
  }

  // Changes the value of the open occupant, as a search does with each word.
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

  // Closes the pane: back to what was there before.
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

  // Closes the pane on the way to another part of the page, which takes the focus.
  drop() {
    if (!this.asked.peek()) return;
    this.asked.value = null;
    history.replaceState(null, "", `${location.pathname}${location.hash}`);
  }

  // Called when another room opens: returns the part of the address that stays, "" for none.
  leaveRoom() {
    const asked = this.asked.peek();
    if (this.#narrow()) this.membersOpen.value = false;
    if (asked && !this.#narrow() && this.#occupants[asked.kind].stays) return queryOf(asked);
    this.asked.value = null;
    return "";
  }

  // Called after the browser went back or forward.
  follow() {
    const before = this.asked.peek();
    const now = this.#inAddress();
    if (before?.kind === now?.kind && before?.value === now?.value) return;
    this.asked.value = now;
    if (before && !now) this.#giveBack();
  }

  // Whether a pane that the person opened may take the focus: true once per opening.
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

  // A dialog closes before it could get the focus back, and the last occupant renders from scratch: no openers.
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
