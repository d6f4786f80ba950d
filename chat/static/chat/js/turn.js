// Ends a task, so that the browser takes keys and paints before the work goes on. A page in the background would wait a
// second for a timer.
export const turn = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve(null);
    };
    port2.postMessage(null);
  });

// A phone takes 50 ms for it, which is a long task.
const SHORT_MS = 10;

// Takes steps in tasks of about this length, the first in one of its own.
export async function inTurns(steps) {
  let until = 0;
  for (const step of steps) {
    if (performance.now() > until) {
      await turn();
      until = performance.now() + SHORT_MS;
    }
    step();
    // Preact draws in a microtask.
    await null;
  }
}
