// Keeps the line being read where it is, whatever grows or shrinks around it.
//
// The browser's own anchoring is switched off (`overflow-anchor: none`): not every browser has it, and it would correct
// a second time. The position is noted on each scroll, so it is always that of the last frame the reader saw.

const AT_BOTTOM_PX = 40;
// A row counts as read when this much of it is in view.
const READ_PX = 40;

export class ScrollAnchor {
  #list;
  #anchor = null;
  #top = 0;
  // The scroll position when the anchor was noted, or when it was restored.
  #fromTop = 0;

  // Whether the reader is at the newest row and wants to stay there.
  stuck = true;

  // `list`: a ListGeometry.
  constructor(list) {
    this.#list = list;
    list.observe({
      resized: () => this.keep(),
      // A reader who unfolds the newest message wants to read on, not to jump to its end.
      unfolded: () => {
        this.note();
        this.stuck = false;
      },
    });
  }

  stop() {
    this.#list.stop();
  }

  // Handles the scroll event of the reader's scrolling, or of scrolling here. It fires a frame later, before the
  // observer reports what has grown since. If the position is unchanged, the reader has not scrolled.
  scrolled() {
    if (this.#list.fromTop === this.#fromTop) this.keep();
    else this.note();
  }

  // Notes the position, after the reader has scrolled or was moved.
  note() {
    this.#fromTop = this.#list.fromTop;
    this.stuck = this.#list.fromBottom < AT_BOTTOM_PX;
    const { rows } = this.#list;
    this.#anchor = rows[countWhile(rows, (row) => this.#list.bottom(row) <= 1)] ?? null;
    this.#top = this.#anchor ? this.#list.top(this.#anchor) : 0;
  }

  // Restores the position after a change.
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

  // Puts `row` at a share of the height: 0 is the top edge.
  show(row, share) {
    this.#list.scrollBy(this.#list.top(row) - this.#list.height * share);
    this.note();
  }
}

// The `seq` of the newest row with enough in view to count as read; 0 for none.
export function lastInView(list) {
  const { messages, height } = list;
  const readAt = (row) => Math.min(list.bottom(row), list.top(row) + READ_PX);
  const read = countWhile(messages, (row) => readAt(row) <= height);
  return read ? list.seqOf(messages[read - 1]) : 0;
}

// The number of rows at the beginning that fulfil `test`. Rows are in order, so a binary search finds it.
function countWhile(rows, test) {
  let low = 0;
  for (let high = rows.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (test(rows[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}
