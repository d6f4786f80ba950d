// Facts that the server sends about this person only: their status, the people they block, the open reports for them.

import { signal } from "@preact/signals";

/** @import * as Wire from "../types/wire" */

export class OwnFacts {
  // {emoji, text, until}, or null; and `auto`, `away` or `busy`.
  status = signal(/** @type {?Wire.Status} */ (null));
  presence = signal("auto");
  // Usernames of the people whom this person blocks.
  blocked = signal(new Set());
  // Room -> the number of open reports, for its moderators, as far as the server has sent it.
  reports = signal(new Map());

  change(/** @type {?Wire.Status} */ status = null, presence = "auto") {
    this.status.value = status?.emoji || status?.text ? status : null;
    this.presence.value = presence;
  }

  block(people) {
    this.blocked.value = new Set(people);
  }

  report(/** @type {Wire.ReportsOpen} */ { room, open }) {
    this.reports.value = new Map(this.reports.value).set(room, open);
  }
}
