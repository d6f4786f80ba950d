// The text of a file, and its first lines. Pure.

const LINES = 8;
const FEW_LINES = 3;
// A smaller text has few lines, and a tall box would be half empty.
const FEW_BYTES = 160;
const LINE_CHARS = 400;
// The largest text that its message shows.
const TEXT_MAX_BYTES = 64 * 1024;

export const isShortText = ({ type, size }) => type === "text/plain" && size <= TEXT_MAX_BYTES;

export const isFewLines = ({ size }) => size < FEW_BYTES;

// Decodes by the byte order mark, else as UTF-8, which the server has detected.
export function decoded(buffer) {
  const [first, second] = new Uint8Array(buffer, 0, Math.min(2, buffer.byteLength));
  const mark =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  return new TextDecoder(mark).decode(buffer);
}

// {shown, more}: the first lines, each cut to a maximum length, and whether there is more.
export function firstLines(text, file) {
  const most = isFewLines(file) ? FEW_LINES : LINES;
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n");
  const shown = lines.slice(0, most).map((line) => (line.length > LINE_CHARS ? `${line.slice(0, LINE_CHARS)}…` : line));
  return { shown: shown.join("\n"), more: lines.length > most || lines.some((line) => line.length > LINE_CHARS) };
}
