// Whether the last input was a finger's or came from keys: a tablet may have both. Keys of a keyboard on the screen have no code.

const KEYBOARD_TAKES = 0.75;

let byTouch = matchMedia("(pointer: coarse)").matches;

addEventListener("pointerdown", (event) => (byTouch = event.pointerType === "touch"), { capture: true, passive: true });
addEventListener(
  "keydown",
  (event) => {
    // The key that asks says nothing of itself.
    if (event.key === "Enter") return;
    byTouch = event.keyCode === 229 || !event.code || event.key === "Unidentified";
  },
  { capture: true, passive: true },
);

// Whether Enter came from a keyboard that stands before the person, where Shift is at hand.
export const enterIsKey = (event) => !byTouch && event.code !== "" && !keyboardOnScreen();

function keyboardOnScreen() {
  if (!visualViewport || !matchMedia("(pointer: coarse)").matches) return false;
  return visualViewport.height * visualViewport.scale < innerHeight * KEYBOARD_TAKES;
}
