// Keeps the line being read where it is, whatever grows or shrinks around it.
//
// The browser's own anchoring is switched off (`overflow-anchor: none`), because it is not everywhere and would
// correct twice. The place is noted on each scroll, so it is always that of the last frame the reader saw.

const AT_BOTTOM_PX = 40;
// So much of a row in view counts as read.
const READ_PX = 40;

export class ScrollAnchor {
  #list;
  #anchor = null;
  #top = 0;
  // Where the list stood when that was noted, or when it was put back.
  #fromTop = 0;

  // Whether the reader is at the newest row and wants to stay there.
  stuck = true;

  // `list`: a ListGeometry.
  constructor(list) {
    this.#list = list;
    list.observe({
      resized: () => this.keep(),
      // Who unfolds the newest message wants to read on, not to be taken to its end.
      unfolded: () => {
        this.note();
        this.stuck = false;
      },
    });
  }

  stop() {
    this.#list.stop();
  }

  // The event of the reader's scrolling, or of what was scrolled here: it comes a frame later, and before the observer
  // reports what has grown until then. A list that stands where it was put was not left by its reader.
  scrolled() {
    if (this.#list.fromTop === this.#fromTop) this.keep();
    else this.note();
  }

  // The reader scrolled, or was taken somewhere.
  note() {
    this.#fromTop = this.#list.fromTop;
    this.stuck = this.#list.fromBottom < AT_BOTTOM_PX;
    const { rows } = this.#list;
    this.#anchor = rows[countWhile(rows, (row) => this.#list.bottom(row) <= 1)] ?? null;
    this.#top = this.#anchor ? this.#list.top(this.#anchor) : 0;
  }

  // Something changed: put the reader back.
  keep() {
    if (this.stuck) {
      this.toBottom();
    } else if (this.#anchor && this.#list.holds(this.#anchor)) {
      const moved = this.#list.top(this.#anchor) - this.#top;
      if (Math.abs(moved) < 1) return;
      this.#list.scrollBy(moved);
      this.#fromTop = this.#list.fromTop;
    }
  }

  toBottom() {
    this.stuck = true;
    this.#list.scrollToEnd();
    this.#fromTop = this.#list.fromTop;
  }

  // Put `row` at a share of the height: 0 is the top edge.
  show(row, share) {
    this.#list.scrollBy(this.#list.top(row) - this.#list.height * share);
    this.note();
  }
}

// The `seq` of the newest row of which enough is in view to have been read; 0: of none.
export function lastInView(list) {
  const { messages, height } = list;
  const readAt = (row) => Math.min(list.bottom(row), list.top(row) + READ_PX);
  const read = countWhile(messages, (row) => readAt(row) <= height);
  return read ? list.seqOf(messages[read - 1]) : 0;
}

// How many rows at the beginning fulfil `test`. Rows are in order, so the first that does not is found by halving.
function countWhile(rows, test) {
  let low = 0;
  for (let high = rows.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (test(rows[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}
