// Runs in the browser's audio thread: takes the microphone, gives pieces of 100 ms at 24 kHz.

import { RATE, toInt16 } from './pcm.js';
import { Resampler } from './resampler.js';

const PIECE = RATE / 10;
const BLOCK = 1024; // captured samples that are resampled at once

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate, RATE);
    this.block = new Float32Array(BLOCK);
    this.filled = 0;
    this.piece = new Float32Array(PIECE);
    this.made = 0;
    this.peak = 0;
    this.on = true;
    this.port.onmessage = () => {
      this.on = false;
    };
  }

  process(inputs) {
    const channels = inputs[0];
    const length = channels.length ? channels[0].length : 128;
    for (let at = 0; at < length; at += 1) {
      let sum = 0;
      for (const channel of channels) sum += channel[at];
      const value = channels.length ? sum / channels.length : 0;
      this.peak = Math.max(this.peak, Math.abs(value));
      this.block[this.filled] = value;
      this.filled += 1;
      if (this.filled === BLOCK) this.resample();
    }
    return this.on;
  }

  resample() {
    this.filled = 0;
    for (const value of this.resampler.process(this.block)) {
      this.piece[this.made] = value;
      this.made += 1;
      if (this.made === PIECE) this.give();
    }
  }

  give() {
    this.made = 0;
    const samples = toInt16(this.piece);
    this.port.postMessage({ samples, peak: this.peak }, [samples.buffer]);
    this.peak = 0;
  }
}

registerProcessor('capture', Capture);
