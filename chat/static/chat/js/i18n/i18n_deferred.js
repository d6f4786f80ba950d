// The sentences that the first paint does not need. Every module that loads later or in another page imports this
// first, so that they have loaded before one is used.

import deferred from "catalogue/deferred";

import { learn } from "./i18n.js";

learn(deferred);
