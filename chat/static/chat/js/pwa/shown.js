// Notifications in the system's list: they show message texts, and their reply field posts as the person who is signed
// in by then.

import { chatPath } from "../net/addresses.js";

// Closes them all, including those that arrived while no page was open.
export async function closeShown() {
  try {
    const registration = await navigator.serviceWorker?.getRegistration(chatPath(""));
    for (const one of (await registration?.getNotifications()) ?? []) one.close();
  } catch {
    // Where workers are not allowed, there are no notifications of a worker.
  }
}
