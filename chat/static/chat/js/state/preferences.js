// This person's settings for the page's look and behaviour. Stored with the account; the page contains the values.

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
  // Whether link previews are shown.
  previews;
  #attention;

  // `attention`: {threads, keywords, paused_until, quiet, direct_in_quiet, reactions?, silent?}. `quiet` is what
  // `isQuiet` takes, or null; `silent` is what `isSilent` takes.
  constructor({ theme, animated_emoji, notify, sound, enter_sends, previews, attention }) {
    this.theme = signal(theme);
    this.animatedEmoji = animated_emoji;
    this.#attention = attention;
    this.notify = notify;
    this.sound = sound;
    this.enterSends = enter_sends;
    this.previews = previews;
  }

  // The settings that decide about a notification, with defaults.
  get reaching() {
    const usual = { threads: true, reactions: false, keywords: [], silent: [], direct_in_quiet: false };
    return { ...usual, level: this.notify, ...this.#attention };
  }

  // Applies the theme immediately; the settings menu stores it with the account.
  setTheme(theme) {
    this.theme.value = theme;
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }
}
