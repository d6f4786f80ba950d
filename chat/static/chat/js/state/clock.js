// What time it is: by the server's clock, which says until when things last, in the reader's time zone.

import { signal } from "@preact/signals";

const LOOK_EVERY_MS = 15_000;

// How far the server's clock is ahead of this device's.
let ahead = 0;
const zoneNow = () => `${Intl.DateTimeFormat().resolvedOptions().timeZone} ${new Date(now()).getTimezoneOffset()}`;
const dayNow = () => new Date(now()).toDateString();

export const now = () => Date.now() + ahead;
// Whoever reads these in a component is drawn again when the time zone, the day, or a quarter of a minute is another.
export const zone = signal(zoneNow());
export const today = signal(dayNow());
export const tick = signal(0);

// `time`: as the server says it in `authenticated`.
export function learnTime(time) {
  const told = Date.parse(time);
  if (Number.isFinite(told)) ahead = told - Date.now();
  look();
}

// As the server knows it: "Europe/Berlin".
export const zoneName = () => zone.peek().split(" ")[0];

// A timer until midnight would stand still while the device sleeps.
function look() {
  zone.value = zoneNow();
  today.value = dayNow();
  tick.value += 1;
}

setInterval(look, LOOK_EVERY_MS);
for (const event of ["focus", "pageshow"]) addEventListener(event, look);
document.addEventListener("visibilitychange", look);
