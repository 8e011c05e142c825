// The microphone and the loudspeaker of the browser, each behind an AudioWorklet.

import { RATE } from './pcm.js';
import { Resampler } from './resampler.js';

const near = (name) => new URL(name, import.meta.url);

/** Why the microphone cannot be used, as one sentence with the next step. */
export function microphoneFault(error) {
  if (!navigator.mediaDevices) {
    return 'Browsers give the microphone to https pages and to this machine only: '
      + 'start the server with --self-signed and open its https address.';
  }
  switch (error?.name) {
    case 'NotAllowedError':
      return 'The microphone was refused: allow it for this page in the browser, then press Start.';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'No microphone was found: connect one, then press Start.';
    case 'NotReadableError':
      return 'Another program holds the microphone: close it there, then press Start.';
    default:
      return `The microphone cannot be opened (${error?.message ?? error}): press Start to try again.`;
  }
}

/** The microphones as [{id, name}]; the names are empty until the microphone was allowed once. */
export async function microphones() {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return devices
    .filter((device) => device.kind === 'audioinput')
    .map((device) => ({ id: device.deviceId, name: device.label }));
}

export class Microphone {
  /**
   * Ask the person for the microphone. `onPiece(Int16Array, peak, played)` gets 100 ms at 24 kHz
   * each; `played` is what `player`, which is open, played meanwhile, or null where it was silent.
   * `levels`: whether the browser controls the level, which no echo canceller behind it can follow.
   */
  static async open({ device, levels, player, onPiece, onEnd }) {
    if (!navigator.mediaDevices) throw new Error('no microphone');
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: {
        deviceId: device ? { exact: device } : undefined,
        channelCount: 1,
        // The server's canceller costs the recognizer no words; the browser's is for people.
        echoCancellation: false,
        noiseSuppression: false,
        autoGainControl: levels,
      },
    });
    const { context } = player; // one clock for both
    const microphone = new Microphone(stream, player);
    try {
      await context.audioWorklet.addModule(near('capture-worklet.js'));
      microphone.connect(context, onPiece);
      await context.resume();
      const [track] = stream.getAudioTracks();
      track.onended = () => onEnd();
      return microphone;
    } catch (error) {
      microphone.close();
      throw error;
    }
  }

  constructor(stream, player) {
    this.stream = stream;
    this.player = player;
  }

  connect(context, onPiece) {
    this.node = new AudioWorkletNode(context, 'capture', { numberOfInputs: 2, numberOfOutputs: 0 });
    this.node.port.onmessage = ({ data }) => onPiece(data.samples, data.peak, data.played);
    this.source = context.createMediaStreamSource(this.stream);
    this.source.connect(this.node, 0, 0);
    this.player.gain.connect(this.node, 0, 1);
  }

  close() {
    this.stream.getTracks().forEach((track) => {
      track.onended = null;
      track.stop();
    });
    if (!this.node) return;
    this.node.port.onmessage = null;
    this.node.port.postMessage('end');
    this.source.disconnect();
    this.player.gain.disconnect(this.node);
  }
}

export class Player {
  /** `onReport({queuedS, playedS, peak, dropped, underruns})` is called ten times a second. */
  constructor(onReport = () => {}) {
    this.onReport = onReport;
    this.onPlayed = null;
    this.volume = 1;
  }

  /** Call it from a click: browsers play nothing before one. */
  async open() {
    if (this.context) {
      await this.context.resume();
      return;
    }
    const context = new AudioContext({ latencyHint: 'interactive' });
    this.context = context;
    await context.audioWorklet.addModule(near('playback-worklet.js'));
    this.node = new AudioWorkletNode(context, 'playback', {
      numberOfInputs: 0, outputChannelCount: [1],
    });
    this.node.port.onmessage = ({ data }) => {
      if (data.played) this.onPlayed?.(data.played);
      else this.onReport(data);
    };
    this.gain = new GainNode(context, { gain: this.volume });
    this.node.connect(this.gain).connect(context.destination);
    this.resampler = new Resampler(RATE, context.sampleRate);
    await context.resume();
  }

  /** Play samples at 24 kHz after those that wait. */
  play(samples) {
    if (!this.node) return;
    const ready = this.resampler.process(samples).slice();
    this.node.port.postMessage({ samples: ready }, [ready.buffer]);
  }

  setVolume(volume) {
    this.volume = volume;
    this.gain?.gain.setTargetAtTime(volume, this.context.currentTime, 0.02);
  }

  clear() {
    this.node?.port.postMessage({ clear: true });
  }

  /** Give every played block to `onPlayed(Float32Array at rate)`; null ends it. */
  tap(onPlayed) {
    this.onPlayed = onPlayed;
    this.node?.port.postMessage({ tap: onPlayed !== null });
  }

  get rate() {
    return this.context?.sampleRate ?? 0;
  }
}
