// How this person wants the page to look and behave. Kept with the account; the page came with the values.

import { signal } from "@preact/signals";

export class Preferences {
  // "system" | "light" | "dark"
  theme;
  // "all" | "mentions" | "nothing"
  notify;
  sound;
  // False: Ctrl Enter sends.
  enterSends;

  constructor({ theme, notify, sound, enter_sends }) {
    this.theme = signal(theme);
    this.notify = notify;
    this.sound = sound;
    this.enterSends = enter_sends;
  }

  // Shown at once; the settings menu keeps it with the account.
  setTheme(theme) {
    this.theme.value = theme;
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }
}
