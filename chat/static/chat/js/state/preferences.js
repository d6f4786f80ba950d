// How this person wants the page to look and behave. Kept with the account; the page came with the values.

import { signal } from "@preact/signals";

export class Preferences {
  // "system" | "light" | "dark"
  theme;
  // "auto" | "always" | "hover" | "never"
  animatedEmoji;
  // "all" | "mentions" | "nothing"
  notify;
  sound;
  // False: Ctrl Enter sends.
  enterSends;
  // Whether pages that messages link to are shown.
  previews;
  #attention;

  // `attention`: {threads, keywords, paused_until, quiet, direct_in_quiet, reactions?, silent?}; `quiet` as `isQuiet` takes it,
  // or null; `silent` as `isSilent` takes it.
  constructor({ theme, animated_emoji, notify, sound, enter_sends, previews, attention }) {
    this.theme = signal(theme);
    this.animatedEmoji = animated_emoji;
    this.#attention = attention;
    this.notify = notify;
    this.sound = sound;
    this.enterSends = enter_sends;
    this.previews = previews;
  }

  // What a decision about a notification looks at.
  get reaching() {
    const usual = { threads: true, reactions: false, keywords: [], silent: [], direct_in_quiet: false };
    return { ...usual, level: this.notify, ...this.#attention };
  }

  // Shown at once; the settings menu keeps it with the account.
  setTheme(theme) {
    this.theme.value = theme;
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }
}
