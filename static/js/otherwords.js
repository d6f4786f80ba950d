// The sentences that the page does not begin with. Every module that is fetched later or by another page imports this first,
// so that they are there before any of them is said.

import others from "catalogue/others";

import { learn } from "./words.js";

learn(others);
