// What can stand in the pane beside the members, by its name in the address: `?files`. `load` brings a module that exports
// `Occupant`, when it is first opened or about to be. `stays`: it is not about the room, and remains when another is opened.

// import { LazyModule } from "./lazy_module.js";

export const newOccupants = () => ({});
