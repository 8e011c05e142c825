// Changes the rate of a stream of samples by a windowed sinc; the seams of blocks are not audible.

const CROSSINGS = 24;
const STEPS = 256;

export class Resampler {
  /** Rates in hertz. */
  constructor(from, to) {
    this.same = from === to;
    this.step = from / to;
    const cutoff = Math.min(1, to / from) * 0.94;
    this.half = Math.ceil(CROSSINGS / cutoff);
    this.kernel = makeKernel(cutoff, this.half);
    this.kept = new Float32Array(this.half);
    this.next = this.half;
  }

  /** The samples that can be made by now, a Float32Array. The last few wait for those to come. */
  process(samples) {
    if (this.same) return samples.slice();
    const input = new Float32Array(this.kept.length + samples.length);
    input.set(this.kept);
    input.set(samples, this.kept.length);
    const room = Math.max(0, Math.ceil((input.length - this.half - this.next) / this.step));
    const output = new Float32Array(room);
    let made = 0;
    while (this.next + this.half < input.length) {
      output[made] = this.at(input, this.next);
      made += 1;
      this.next += this.step;
    }
    const gone = Math.min(input.length, Math.max(0, Math.floor(this.next) - this.half));
    this.kept = input.slice(gone);
    this.next -= gone;
    return output.subarray(0, made);
  }

  at(input, position) {
    const first = Math.max(0, Math.ceil(position - this.half));
    const last = Math.min(input.length - 1, Math.floor(position + this.half));
    let sum = 0;
    for (let index = first; index <= last; index += 1) {
      const where = Math.abs(position - index) * STEPS;
      const below = Math.floor(where);
      const share = where - below;
      sum += input[index] * (this.kernel[below] * (1 - share) + this.kernel[below + 1] * share);
    }
    return sum;
  }
}

/** One side of the low-pass, STEPS values a sample, with Blackman's window. */
function makeKernel(cutoff, half) {
  const kernel = new Float32Array(half * STEPS + 2);
  for (let index = 0; index < half * STEPS; index += 1) {
    const x = index / STEPS;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x * cutoff) / (Math.PI * x * cutoff);
    const turn = Math.PI * (1 + x / half);
    kernel[index] = cutoff * sinc * (0.42 - 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn));
  }
  return kernel;
}
