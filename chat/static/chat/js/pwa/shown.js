// What stands in the system's list of notifications: it shows what was written, and its field for an answer posts as
// the person who is signed in by then.

import { chatPath } from "../net/addresses.js";

// Also those that came while no page was open.
export async function closeShown() {
  try {
    const registration = await navigator.serviceWorker?.getRegistration(chatPath(""));
    for (const one of (await registration?.getNotifications()) ?? []) one.close();
  } catch {
    // Where there may be no worker, none has shown any.
  }
}
