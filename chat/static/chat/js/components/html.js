// Templates: their values become nodes and text, never markup.

import htm from "htm";
import { h } from "preact";

export const html = htm.bind(h);
