// Sound as the protocol has it: 24 kHz, one channel, 16 bits, base64.

export const RATE = 24000;
const PIECE = 0x8000;

/** Text of the bytes of an Int16Array. */
export function toBase64(samples) {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  let text = '';
  for (let at = 0; at < bytes.length; at += PIECE) {
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  }
  return btoa(text);
}

/** Float32Array in [-1, 1) of base64 text. A last odd byte is left out. */
export function fromBase64(text) {
  const raw = atob(text);
  const samples = new Float32Array(raw.length >> 1);
  for (let at = 0; at < samples.length; at += 1) {
    const value = raw.charCodeAt(2 * at) | (raw.charCodeAt(2 * at + 1) << 8);
    samples[at] = (value > 32767 ? value - 65536 : value) / 32768;
  }
  return samples;
}

/** Int16Array of float samples. What is beyond full scale is clipped, not wrapped. */
export function toInt16(samples) {
  const whole = new Int16Array(samples.length);
  for (let at = 0; at < samples.length; at += 1) {
    whole[at] = Math.max(-32768, Math.min(32767, Math.round(samples[at] * 32768)));
  }
  return whole;
}
