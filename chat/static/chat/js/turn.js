// Ends a task, so that the browser handles keys and paints before the work continues. A timer would take a second in a
// background page.
export const turn = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve(null);
    };
    port2.postMessage(null);
  });

// A phone takes 50 ms for the same work, which is a long task.
const SHORT_MS = 10;

// Runs the steps in tasks of about SHORT_MS, the first in a new task.
export async function inTurns(steps) {
  let until = 0;
  for (const step of steps) {
    if (performance.now() > until) {
      await turn();
      until = performance.now() + SHORT_MS;
    }
    step();
    // Preact renders in a microtask.
    await null;
  }
}
