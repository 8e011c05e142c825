// Runs in the browser's audio thread: takes the microphone (input 0) and what the page plays at the
// same moments (input 1), and gives pieces of 100 ms at 24 kHz of both.

import { RATE, toInt16 } from './pcm.js';
import { Resampler } from './resampler.js';

const PIECE = RATE / 10;
const BLOCK = 1024; // captured samples that are resampled at once

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.captured = new Piece();
    this.played = new Piece();
    this.on = true;
    this.port.onmessage = () => {
      this.on = false;
    };
  }

  process([captured, played]) {
    const length = captured.length ? captured[0].length : 128;
    for (let at = 0; at < length; at += 1) {
      this.played.add(mono(played, at));
      if (this.captured.add(mono(captured, at))) this.give();
    }
    return this.on;
  }

  give() {
    const { samples, peak } = this.captured.take();
    const played = this.played.take();
    const buffers = [samples.buffer];
    if (played.peak) buffers.push(played.samples.buffer);
    this.port.postMessage({ samples, peak, played: played.peak ? played.samples : null }, buffers);
  }
}

/** Samples at the rate of the device that become a piece at RATE. */
class Piece {
  constructor() {
    this.resampler = new Resampler(sampleRate, RATE);
    this.block = new Float32Array(BLOCK);
    this.filled = 0;
    this.made = [];
    this.peak = 0;
  }

  /** Whether the piece is whole with this sample. */
  add(value) {
    this.peak = Math.max(this.peak, Math.abs(value));
    this.block[this.filled] = value;
    this.filled += 1;
    if (this.filled < BLOCK) return false;
    this.filled = 0;
    this.made.push(...this.resampler.process(this.block));
    return this.made.length >= PIECE;
  }

  take() {
    const piece = { samples: toInt16(this.made.splice(0, PIECE)), peak: this.peak };
    this.peak = 0;
    return piece;
  }
}

function mono(channels, at) {
  let sum = 0;
  for (const channel of channels) sum += channel[at];
  return channels.length ? sum / channels.length : 0;
}

registerProcessor('capture', Capture);
