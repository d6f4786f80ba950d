// The rows of the emoji picker: for each group its title, then rows of emoji. Finds the rows in view and the target of
// each navigation key. Heights are in pixels.

export class EmojiRows {
  // {title, top, height} or {list, top, height}.
  all = [];
  height = 0;
  columns;
  #starts = [];

  // `groups`: [{title, list}]; `cell` and `head`: the heights of a row of emoji and of a title.
  constructor(groups, { columns, cell, head }) {
    this.columns = columns;
    const add = (row, height) => {
      this.all.push({ ...row, top: this.height, height });
      this.height += height;
    };
    for (const { title, list } of groups) {
      this.#starts.push(this.all.length);
      add({ title }, head);
      for (let from = 0; from < list.length; from += columns) add({ list: list.slice(from, from + columns) }, cell);
    }
  }

  // The indices of the rows between two heights, plus the row `kept`, wherever it is.
  inView(top, bottom, kept) {
    const isShown = (row, at) => at === kept || (row.top < bottom && row.top + row.height > top);
    return this.all.flatMap((row, at) => (isShown(row, at) ? [at] : []));
  }

  topOf(group) {
    return this.all[this.#starts[group]].top;
  }

  // The position of a group's first emoji: {row, column}; null for an empty group.
  firstOf(group) {
    const row = this.#starts[group] + 1;
    return this.all[row]?.list ? { row, column: 0 } : null;
  }

  has(at) {
    return Boolean(at && this.all[at.row]?.list?.[at.column]);
  }

  // The target of a key pressed at {row, column}: null above the first row, undefined for others. `page`: rows in view.
  next(at, key, { whole = false, page = 1 } = {}) {
    const { row, column } = at;
    const end = (there) => ({ row: there, column: this.all[there].list.length - 1 });
    switch (key) {
      case "ArrowRight":
        if (column + 1 < this.all[row].list.length) return { row, column: column + 1 };
        return this.#rowFrom(row, 1) === row ? at : { row: this.#rowFrom(row, 1), column: 0 };
      case "ArrowLeft":
        if (column > 0) return { row, column: column - 1 };
        return this.#rowFrom(row, -1) === row ? null : end(this.#rowFrom(row, -1));
      case "ArrowDown":
        return this.#column(this.#rowFrom(row, 1), column);
      case "ArrowUp":
        return this.#rowFrom(row, -1) === row ? null : this.#column(this.#rowFrom(row, -1), column);
      case "PageDown":
        return this.#column(this.#rowFrom(row, page), column);
      case "PageUp":
        return this.#column(this.#rowFrom(row, -page), column);
      case "Home":
        return { row: whole ? this.#rowFrom(row, -Infinity) : row, column: 0 };
      case "End":
        return end(whole ? this.#rowFrom(row, Infinity) : row);
      default:
        return undefined;
    }
  }

  #column(row, column) {
    return { row, column: Math.min(column, this.all[row].list.length - 1) };
  }

  // The row of emoji `steps` further, or the last one in that direction. Titles do not count.
  #rowFrom(row, steps) {
    let found = row;
    let left = Math.abs(steps);
    for (let next = row + Math.sign(steps); left > 0 && this.all[next]; next += Math.sign(steps)) {
      if (!this.all[next].list) continue;
      found = next;
      left -= 1;
    }
    return found;
  }
}
