// Keeps the line being read where it is, whatever grows or shrinks around it.
//
// The browser's own anchoring is switched off (`overflow-anchor: none`), because it is not everywhere and would
// correct twice. The place is noted on each scroll, so it is always that of the last frame the reader saw.

const AT_BOTTOM_PX = 40;

export class ScrollAnchor {
  #scroller;
  #anchor = null;
  #top = 0;
  #observer;

  // Whether the reader is at the newest row and wants to stay there.
  stuck = true;

  constructor(scroller) {
    this.#scroller = scroller;
    // Late changes of height (fonts, folding, an editor) come without a render of the list.
    this.#observer = new ResizeObserver(() => this.keep());
    this.#observer.observe(scroller);
    this.#observer.observe(scroller.firstElementChild);
    // Who unfolds the newest message wants to read on, not to be taken to its end.
    scroller.addEventListener("unfold", () => {
      this.note();
      this.stuck = false;
    });
  }

  stop() {
    this.#observer.disconnect();
  }

  get fromBottom() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  // The reader scrolled, or was taken somewhere.
  note() {
    this.stuck = this.fromBottom < AT_BOTTOM_PX;
    const top = this.#scroller.getBoundingClientRect().top;
    const rows = this.#scroller.querySelectorAll("[data-row]");
    // Rows stand in order, so the first one in view is found by halving.
    let low = 0;
    for (let high = rows.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (rows[middle].getBoundingClientRect().bottom > top + 1) high = middle;
      else low = middle + 1;
    }
    this.#anchor = rows[low] ?? null;
    this.#top = this.#anchor ? this.#anchor.getBoundingClientRect().top - top : 0;
  }

  // Something changed: put the reader back.
  keep() {
    if (this.stuck) {
      this.toBottom();
    } else if (this.#anchor?.isConnected) {
      const moved = this.#anchor.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top - this.#top;
      if (Math.abs(moved) >= 1) this.#scroller.scrollTop += moved;
    }
  }

  toBottom() {
    this.stuck = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  // Put `row` at a share of the height: 0 is the top edge.
  show(row, share) {
    const offset = row.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top;
    this.#scroller.scrollTop += offset - this.#scroller.clientHeight * share;
    this.note();
  }
}
