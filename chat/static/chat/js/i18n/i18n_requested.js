// The sentences of modules that load on a person's request. Each of these modules imports this first.

import requested from "catalogue/requested";

import { learn } from "./i18n.js";
import "./i18n_deferred.js";

learn(requested);
