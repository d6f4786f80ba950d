// The current time by the server's clock, which sets when things end, in the reader's time zone.

import { signal } from "@preact/signals";

const LOOK_EVERY_MS = 15_000;

// How far the server's clock is ahead of this device's.
let ahead = 0;
const zoneNow = () => `${Intl.DateTimeFormat().resolvedOptions().timeZone} ${new Date(now()).getTimezoneOffset()}`;
const dayNow = () => new Date(now()).toDateString();

export const now = () => Date.now() + ahead;
// A component that reads one of these renders again when the time zone or the day changes, or every 15 seconds.
export const zone = signal(zoneNow());
export const today = signal(dayNow());
export const tick = signal(0);

// `time`: the server's time in its `authenticated` event.
export function learnTime(time) {
  const told = Date.parse(time);
  if (Number.isFinite(told)) ahead = told - Date.now();
  look();
}

// The name that the server uses: "Europe/Berlin".
export const zoneName = () => zone.peek().split(" ")[0];

// A timer until midnight would stop while the device sleeps.
function look() {
  zone.value = zoneNow();
  today.value = dayNow();
  tick.value += 1;
}

setInterval(look, LOOK_EVERY_MS);
for (const event of ["focus", "pageshow"]) addEventListener(event, look);
document.addEventListener("visibilitychange", look);
