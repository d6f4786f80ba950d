// Whether the last input came from touch or from a physical keyboard: a tablet may have both. Keys of an on-screen
// keyboard have no `code`.

const KEYBOARD_TAKES = 0.75;

let byTouch = matchMedia("(pointer: coarse)").matches;

addEventListener("pointerdown", (event) => (byTouch = event.pointerType === "touch"), { capture: true, passive: true });
addEventListener(
  "keydown",
  (event) => {
    // `enterIsKey()` asks about Enter: that key must not answer for itself.
    if (event.key === "Enter") return;
    byTouch = event.keyCode === 229 || !event.code || event.key === "Unidentified";
  },
  { capture: true, passive: true },
);

// Whether Enter came from a physical keyboard, where Shift is easy to reach.
export const enterIsKey = (event) => !byTouch && event.code !== "" && !keyboardOnScreen();

function keyboardOnScreen() {
  if (!visualViewport || !matchMedia("(pointer: coarse)").matches) return false;
  return visualViewport.height * visualViewport.scale < innerHeight * KEYBOARD_TAKES;
}
