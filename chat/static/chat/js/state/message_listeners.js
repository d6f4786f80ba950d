// What follows the messages of all rooms. `add(listener)` of each returns a function that ends it.

import { Listeners } from "./listeners.js";

export class MessageListeners {
  // Each message of a room the first time it comes by itself, not from a page and not after a loss.
  arrivals = new Listeners();
  // The same of replies that a thread alone shows.
  replies = new Listeners();
  // Each that an edit has made to call this person.
  calls = new Listeners();
  // Each new state of a message that was sent before, and the one before, where it is held.
  changes = new Listeners();
}
