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
