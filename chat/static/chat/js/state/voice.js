// Records the microphone into a file.

export const LONGEST_SECONDS = 300;
const ENDINGS = { "audio/webm": "webm", "audio/ogg": "ogg", "audio/mp4": "m4a" };

export class Recording {
  #stream;
  #recorder;
  #context;
  #samples;
  #analyser;
  #began = Date.now();

  // Throws the browser's error if there is no microphone or it may not be used.
  static async begin() {
    return new Recording(await navigator.mediaDevices.getUserMedia({ audio: true }));
  }

  constructor(stream) {
    this.#stream = stream;
    this.#recorder = new MediaRecorder(stream);
    // In one chunk: with several, Chromium does not write the duration.
    this.#recorder.start();
    this.#context = new AudioContext();
    this.#analyser = this.#context.createAnalyser();
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#context.createMediaStreamSource(stream).connect(this.#analyser);
  }

  get seconds() {
    return Math.floor((Date.now() - this.#began) / 1000);
  }

  // How loud it is now, from 0 to 1.
  get level() {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return Math.min(
      1,
      this.#samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0),
    );
  }

  // `name`: without extension. Null when nothing was recorded.
  async stop(name) {
    const chunk = await new Promise((resolve) => {
      this.#recorder.addEventListener("dataavailable", (event) => resolve(event.data), { once: true });
      this.#recorder.stop();
    });
    this.#release();
    // Firefox sets no type until then, and the type differs between browsers.
    const [type] = chunk.type.split(";");
    return chunk.size ? new File([chunk], `${name}.${ENDINGS[type] ?? "webm"}`, { type }) : null;
  }

  cancel() {
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
    this.#release();
  }

  #release() {
    for (const track of this.#stream.getTracks()) track.stop();
    if (this.#context.state !== "closed") this.#context.close();
  }
}
