// Formats file sizes and lengths of recordings.

import { locale } from "./i18n.js";

// The server counts its limits the same way: 25 MB are 25 * 1024 * 1024 bytes.
const STEP = 1024;
const unit = (name) => new Intl.NumberFormat(locale, { style: "unit", unit: name, maximumFractionDigits: 1 });
const UNITS = ["kilobyte", "megabyte", "gigabyte"].map(unit);

export function sizeText(bytes) {
  let at = 0;
  let size = bytes / STEP;
  while (size >= STEP && at < UNITS.length - 1) {
    size /= STEP;
    at += 1;
  }
  return UNITS[at].format(at ? size : Math.ceil(size));
}

// "0:12", "1:02:05".
export function lengthText(seconds) {
  const whole = Math.round(seconds) || 0;
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, at) => (at ? String(part).padStart(2, "0") : part)).join(":");
}
