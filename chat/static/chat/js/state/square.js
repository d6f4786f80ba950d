// A square part of a picture, drawn in a large canvas and in the small sizes in which it will appear.

const SHOWN = 256;
const MADE = 512;
const PREVIEWS = [36, 20];
export const ZOOM_MAX = 4;

export class Square {
  #picture;
  #zoom = 1;
  // The centre of the square, as fractions of the picture's width and height.
  #at = { x: 0.5, y: 0.5 };
  canvases = [SHOWN, ...PREVIEWS].map(canvasOf);

  constructor(picture) {
    this.#picture = picture;
  }

  get zoom() {
    return this.#zoom;
  }

  set zoom(zoom) {
    this.#zoom = Math.min(ZOOM_MAX, Math.max(1, zoom));
    this.move(0, 0);
  }

  // Moves the picture by pixels of the large canvas.
  move(x, y) {
    const { width, height } = this.#picture;
    const side = this.#side;
    const moved = (at, by, length) => clamped(at - (by * side) / SHOWN / length, side / 2 / length);
    this.#at = { x: moved(this.#at.x, x, width), y: moved(this.#at.y, y, height) };
    this.draw();
  }

  draw() {
    for (const canvas of this.canvases) this.#drawOn(canvas);
  }

  async file() {
    const canvas = canvasOf(MADE);
    this.#drawOn(canvas);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    return new File([blob], "picture.png", { type: "image/png" });
  }

  get #side() {
    return Math.min(this.#picture.width, this.#picture.height) / this.#zoom;
  }

  #drawOn(canvas) {
    const { width, height } = this.#picture;
    const side = this.#side;
    const [left, top] = [this.#at.x * width - side / 2, this.#at.y * height - side / 2];
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(this.#picture, left, top, side, side, 0, 0, canvas.width, canvas.height);
  }
}

const canvasOf = (side) => Object.assign(document.createElement("canvas"), { width: side, height: side });
const clamped = (at, least) => Math.min(1 - least, Math.max(least, at));
