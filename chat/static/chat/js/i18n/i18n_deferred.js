// The sentences that the page does not begin with. Every module that is fetched later or by another page imports this first,
// so that they are there before any of them is said.

import deferred from "catalogue/deferred";

import { learn } from "./i18n.js";

learn(deferred);
