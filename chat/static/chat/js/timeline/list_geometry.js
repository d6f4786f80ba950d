// Measures the rows of a message list on the screen and scrolls it: the only part of the timeline that touches the DOM.
// Tops and bottoms are in pixels below the upper edge of the view.

export class ListGeometry {
  #scroller;
  #observer = /** @type {?ResizeObserver} */ (null);
  #unfolded = () => {};

  constructor(scroller) {
    this.#scroller = scroller;
  }

  // Late changes of height (fonts, folding, an editor) happen without a render of the list.
  observe({ resized, unfolded }) {
    const observer = new ResizeObserver(resized);
    observer.observe(this.#scroller);
    observer.observe(this.#scroller.firstElementChild);
    this.#observer = observer;
    this.#unfolded = unfolded;
    this.#scroller.addEventListener("unfold", unfolded);
  }

  stop() {
    this.#observer?.disconnect();
    this.#scroller.removeEventListener("unfold", this.#unfolded);
  }

  get height() {
    return this.#scroller.clientHeight;
  }

  get fromTop() {
    return this.#scroller.scrollTop;
  }

  get fromBottom() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  top(row) {
    return row.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top;
  }

  bottom(row) {
    return row.getBoundingClientRect().bottom - this.#scroller.getBoundingClientRect().top;
  }

  // In list order: every row here, and below only the rows of messages with a `seq`.
  get rows() {
    return this.#scroller.querySelectorAll("[data-row]");
  }

  get messages() {
    return this.#scroller.querySelectorAll("[data-seq]");
  }

  message(seq) {
    return this.#scroller.querySelector(`[data-seq="${seq}"]`);
  }

  seqOf(row) {
    return Number(row.dataset.seq);
  }

  get newLine() {
    return this.#scroller.querySelector(".new");
  }

  holds(row) {
    return row.isConnected;
  }

  scrollBy(pixels) {
    this.#scroller.scrollTop += pixels;
  }

  scrollToEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }
}
