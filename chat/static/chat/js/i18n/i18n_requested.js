// The sentences of what is fetched when a person asks for it. Each module of that kind imports this first.

import requested from "catalogue/requested";

import { learn } from "./i18n.js";
import "./i18n_deferred.js";

learn(requested);
