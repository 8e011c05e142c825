// Runs in the browser's audio thread: plays what is written into a ring, and silence where it is
// empty. After it was empty it waits for a little sound, so that late pieces do not stutter.

const LENGTH_S = 120;
const START_S = 0.12;
const PATIENCE_S = 0.3;
const REPORT_S = 0.1;

class Playback extends AudioWorkletProcessor {
  constructor() {
    super();
    this.ring = new Float32Array(LENGTH_S * sampleRate);
    this.written = 0;
    this.played = 0;
    this.playing = false;
    this.waited = 0;
    this.dropped = 0;
    this.underruns = 0;
    this.peak = 0;
    this.tapped = false;
    this.sinceReport = 0;
    this.port.onmessage = ({ data }) => this.take(data);
  }

  take(message) {
    if (message.samples) this.write(message.samples);
    if (message.clear) this.played = this.written;
    if (message.tap !== undefined) this.tapped = message.tap;
  }

  write(samples) {
    const room = this.ring.length - (this.written - this.played);
    const taken = Math.min(room, samples.length);
    for (let at = 0; at < taken; at += 1) {
      this.ring[(this.written + at) % this.ring.length] = samples[at];
    }
    this.written += taken;
    this.dropped += samples.length - taken;
  }

  process(inputs, outputs) {
    const output = outputs[0][0];
    const ready = this.written - this.played;
    if (!this.playing && ready > 0) {
      this.waited += output.length;
      this.playing = ready >= START_S * sampleRate || this.waited >= PATIENCE_S * sampleRate;
    }
    const count = this.playing ? Math.min(ready, output.length) : 0;
    for (let at = 0; at < count; at += 1) {
      const value = this.ring[(this.played + at) % this.ring.length];
      output[at] = value;
      this.peak = Math.max(this.peak, Math.abs(value));
    }
    this.played += count;
    if (this.playing && count < output.length) {
      this.playing = false;
      this.waited = 0;
      this.underruns += 1;
    }
    if (this.tapped && count) this.port.postMessage({ played: output.slice(0, count) });
    this.report(output.length);
    return true;
  }

  report(length) {
    this.sinceReport += length;
    if (this.sinceReport < REPORT_S * sampleRate) return;
    this.sinceReport = 0;
    this.port.postMessage({
      queuedS: (this.written - this.played) / sampleRate,
      playedS: this.played / sampleRate,
      peak: this.peak,
      dropped: this.dropped,
      underruns: this.underruns,
    });
    this.peak = 0;
  }
}

registerProcessor('playback', Playback);
