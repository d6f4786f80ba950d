// The occupants of the pane, besides the members, by their name in the address: `?files`. `load` loads a module that
// exports `Occupant`, when it is first opened or about to be. `stays`: the occupant is not about the room, and stays
// when another room opens. `wide`: it replaces the conversation until a room opens.

import { LazyModule } from "./lazy_module.js";
import { Pane } from "./state/pane.js";

const newOccupants = () => ({
  files: { load: new LazyModule(() => import("./components/files_pane.js")) },
  pinned: { load: new LazyModule(() => import("./components/pinned_pane.js")) },
  saved: { load: new LazyModule(() => import("./components/saved_pane.js")), wide: true },
  settings: { load: new LazyModule(() => import("./components/settings_pane.js")) },
  inbox: { load: new LazyModule(() => import("./components/inbox_pane.js")), stays: true },
  scheduled: { load: new LazyModule(() => import("./components/scheduled.js")), stays: true },
  thread: { load: new LazyModule(() => import("./components/thread_pane.js")) },
  threads: { load: new LazyModule(() => import("./components/threads_pane.js")), wide: true },
  search: { load: new LazyModule(() => import("./components/search_pane.js")), stays: true },
});

export const newPane = (app, storage) =>
  new Pane({
    storage,
    occupants: newOccupants(),
    narrow: () => app.ui.narrow,
    // A direct room needs no list: each of the two knows the other.
    hasMembers: () => {
      const slug = app.ui.room.value;
      return Boolean(app.store.room(slug)) && app.factsOf(slug).kind !== "direct";
    },
    focusElsewhere: () => app.touch || app.focusComposer(),
  });
