// Text typed for a dialog that is still loading: a hidden field collects it and hands it to the dialog's own field.

export class TypedAhead {
  #field = /** @type {?HTMLInputElement} */ (null);
  #entered = false;

  // Runs before the default action of the key: the browser then types it into the element with the focus.
  key(event) {
    event.stopPropagation();
    if (event.key === "Tab" || (event.key === "Enter" && !event.isComposing)) event.preventDefault();
    this.#entered ||= event.key === "Enter" && !event.isComposing;
    if (this.#entered) return event.preventDefault();
    if (this.#field) return;
    this.#field = document.createElement("input");
    this.#field.className = "visually-hidden";
    this.#field.autocomplete = "off";
    document.body.append(this.#field);
    this.#field.focus({ preventScroll: true });
  }

  drop() {
    const text = this.#field?.value ?? "";
    const entered = this.#entered;
    this.#field?.remove();
    this.#field = null;
    this.#entered = false;
    return { text, entered };
  }

  // `to`: the element that the dialog focuses. Enter is passed on only if it chooses from a list: no form is submitted
  // unseen.
  hand(to) {
    const { text, entered } = this.drop();
    if (!to?.matches("input:not([type]), input[type=text], input[type=search], textarea")) return;
    if (text) {
      to.value = text;
      to.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
    if (entered && to.role === "combobox")
      setTimeout(() => to.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true })));
  }
}
