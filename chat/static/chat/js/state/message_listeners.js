// Listeners for the messages of all rooms. Each `add(listener)` returns a function that removes the listener.

import { Listeners } from "./listeners.js";

export class MessageListeners {
  // Called with each new live message of a room: not from a page of history, not after a lost connection.
  arrivals = new Listeners();
  // The same for replies that only their thread shows.
  replies = new Listeners();
  // Called with each message that mentions this person since an edit.
  calls = new Listeners();
  // Called with each new state of an earlier message, and its previous state if the page holds it.
  changes = new Listeners();
}
