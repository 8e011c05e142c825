// A translation session over OpenAI's realtime translation protocol, which outlives a lost
// connection: what was captured meanwhile is kept and sent when the server answers again, and so is
// what was sent and did not arrive.

import { socketAddress } from './api.js';
import { RATE, fromBase64, toBase64 } from './pcm.js';

const PATH = '/v1/realtime/translations?model=stslocal&events=all';
const DELAYS_MS = [250, 500, 1000, 2000, 3000];
const KEPT_PIECES = 300; // 30 s of 100 ms
const BURST = 5; // pieces a turn when what was kept is sent: ten times as fast as they were said
const BURST_MS = 50;
const CLOSING_MS = 30_000;
const MOST_BUFFERED = 250_000; // bytes, about 4 s of sound
const WAIT_MS = 200;
const STALLED_MS = 8000;
const RESUMING_MS = 400; // in a room, whose server says nothing
const ANSWER_MS = 5000;
const PER_MS = RATE / 1000;
const REFUSED = new Set([1008, 1013, 4401, 4403, 4429]);

export class Realtime {
  /**
   * `handlers` has functions, all optional: state(name, sentence), source(text), target(text),
   * sound(Float32Array), other(event), error(sentence).
   * The states: connecting, open, reconnecting, refused, closed.
   */
  constructor(handlers, { path = PATH, query = {}, protocols = [] } = {}) {
    this.handlers = handlers;
    this.path = Object.entries(query).reduce(
      (whole, [name, value]) => `${whole}&${name}=${encodeURIComponent(value)}`, path,
    );
    this.protocols = protocols;
    this.resends = path === PATH;
    this.pending = [];
    this.kept = []; // pieces that were sent: the newest
    this.sent = 0; // samples of all pieces that were sent in this session
    this.lost = 0;
    this.tries = 0;
    this.wanted = false;
    this.ready = false;
    this.id = ''; // of the session, which a new connection takes up again
    this.seen = ''; // the newest event of it
  }

  call(name, ...values) {
    this.handlers[name]?.(...values);
  }

  /** Begin. `session` is what session.update sends, also after each new connection. */
  open(session) {
    this.session = session;
    this.wanted = true;
    this.call('state', 'connecting', '');
    this.connect();
  }

  connect() {
    const resumes = this.id !== '';
    const again = resumes ? this.resumption() : '';
    const socket = new WebSocket(socketAddress(this.path + again), ['realtime', ...this.protocols]);
    this.socket = socket;
    this.refusal = '';
    socket.onopen = () => {
      if (socket !== this.socket || !resumes) return;
      this.resuming = setTimeout(() => this.begin(), this.resends ? ANSWER_MS : RESUMING_MS);
    };
    socket.onmessage = ({ data }) => {
      if (socket === this.socket && typeof data === 'string') this.receive(data);
    };
    socket.onclose = (event) => {
      if (socket === this.socket) this.ended(event);
    };
  }

  resumption() {
    const kept = this.kept.reduce((sum, { samples }) => sum + samples.length, 0);
    const from = Math.ceil((this.sent - kept) / PER_MS);
    const after = encodeURIComponent(this.seen);
    return `&session=${this.id}&after=${after}${this.resends ? `&kept_from_ms=${from}` : ''}`;
  }

  /** Send again, and first, what the server has not got: all from this time on. */
  rewind(fromMs) {
    let missing = this.sent - Math.round(fromMs * PER_MS);
    while (missing > 0 && this.kept.length) {
      const piece = this.kept.pop();
      const { length } = piece.samples;
      const again = Math.min(missing, length);
      if (again < length) this.kept.push(part(piece, 0, length - again));
      this.pending.unshift(part(piece, length - again, length));
      this.sent -= again;
      missing -= again;
    }
  }

  receive(text) {
    let event;
    try {
      event = JSON.parse(text);
    } catch {
      return;
    }
    if (event.type !== 'error') this.seen = event.event_id ?? this.seen;
    switch (event.type) {
      case 'session.created':
        this.id = event.session?.id ?? '';
        this.kept = [];
        this.sent = 0;
        this.send({ type: 'session.update', session: this.session });
        break;
      case 'session.updated':
        if (!this.ready && !this.resuming) this.begin();
        break;
      case 'stslocal.resumed':
        if (this.ready) break;
        this.rewind(event.from_ms);
        this.begin();
        break;
      case 'session.input_transcript.delta':
        this.call('source', event.delta, event);
        break;
      case 'session.output_transcript.delta':
        this.call('target', event.delta, event);
        break;
      case 'session.output_audio.delta':
        this.call('sound', fromBase64(event.delta), event);
        break;
      case 'session.closed':
        this.finish();
        break;
      case 'error':
        this.fail(event.error ?? {});
        break;
      default:
        this.call('other', event);
    }
  }

  begin() {
    this.stopResuming();
    this.tries = 0;
    this.ready = true;
    this.call('state', 'open', '');
    this.drain();
  }

  fail({ code, message }) {
    this.refusal = message ?? 'The server reported an error.';
    if (code === 'session_not_found') {
      this.stopResuming();
      this.id = ''; // it was away too long: begin another one
    } else if (this.ready) {
      this.call('error', this.refusal);
    } else {
      this.refuse(); // nothing can be translated as it was asked for
    }
  }

  refuse(sentence = this.refusal, code = 0) {
    if (!this.wanted) return;
    this.wanted = false;
    this.done = true;
    this.stopTimers();
    this.socket.close(1000);
    this.call('state', 'refused', sentence, code);
  }

  /**
   * Send a piece of sound, now or when the connection is back. The server takes out of it what was
   * `played` meanwhile, if that is given.
   */
  append(samples, played = null) {
    if (!this.wanted) return;
    this.pending.push({ samples, played });
    if (this.pending.length > KEPT_PIECES) {
      this.pending.shift();
      this.lost += 1;
    }
    if (this.ready && !this.draining) this.drain();
  }

  drain() {
    clearTimeout(this.draining);
    this.draining = 0;
    if (!this.ready) return;
    if (this.socket.bufferedAmount > MOST_BUFFERED) {
      this.waitForNetwork();
      return;
    }
    this.stalledMs = 0;
    for (const piece of this.pending.splice(0, BURST)) {
      this.give(piece);
    }
    if (this.pending.length) this.draining = setTimeout(() => this.drain(), BURST_MS);
  }

  /** The network takes no more: keep the sound here, and count a silent connection as lost. */
  waitForNetwork() {
    const { bufferedAmount } = this.socket;
    this.stalledMs = bufferedAmount < this.buffered ? 0 : (this.stalledMs ?? 0) + WAIT_MS;
    this.buffered = bufferedAmount;
    if (this.stalledMs >= STALLED_MS) {
      const lost = this.socket;
      this.stalledMs = 0;
      lost.onclose = null;
      lost.close();
      this.ended({ code: 1006, reason: '' });
    } else {
      this.draining = setTimeout(() => this.drain(), WAIT_MS);
    }
  }

  give(piece) {
    const { samples, played } = piece;
    const event = { type: 'session.input_audio_buffer.append', audio: toBase64(samples) };
    if (played) event.played = toBase64(played);
    this.send(event);
    this.sent += samples.length;
    this.kept.push(piece);
    if (this.kept.length > KEPT_PIECES) this.kept.shift();
  }

  send(event) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(event));
  }

  /** Change languages while it runs. */
  update(session) {
    this.session = session;
    if (this.ready) this.send({ type: 'session.update', session });
  }

  ended({ code, reason }) {
    this.stopResuming();
    const forgotten = this.refusal !== '' && this.id === '';
    this.ready = false;
    if (!this.wanted || this.closing) {
      this.finish();
    } else if (REFUSED.has(code) && !forgotten) {
      this.refuse(this.refusal || reason || 'The server refused the session.', code);
    } else {
      const delay = DELAYS_MS[Math.min(this.tries, DELAYS_MS.length - 1)];
      this.tries += 1;
      this.call(
        'state', 'reconnecting', 'The connection is lost. What you say is kept and sent later.',
        { tries: this.tries },
      );
      this.retry = setTimeout(() => this.connect(), delay);
    }
  }

  /** Ask for what is still being translated, and end. Resolves when the server has closed. */
  close() {
    if (!this.wanted) return Promise.resolve();
    this.closing = true;
    clearTimeout(this.retry);
    return new Promise((resolve) => {
      this.resolve = resolve;
      if (!this.ready) {
        this.finish();
        return;
      }
      while (this.pending.length) {
        this.give(this.pending.shift());
      }
      this.send({ type: 'session.close' });
      this.limit = setTimeout(() => this.finish(), CLOSING_MS);
    });
  }

  /** End at once. */
  finish() {
    this.stopTimers();
    this.ready = false;
    this.wanted = false;
    this.closing = false;
    if (this.done) return;
    this.done = true;
    this.socket.close(1000);
    this.call('state', 'closed', '');
    this.resolve?.();
  }

  stopResuming() {
    clearTimeout(this.resuming);
    this.resuming = 0;
  }

  stopTimers() {
    this.stopResuming();
    clearTimeout(this.limit);
    clearTimeout(this.retry);
    clearTimeout(this.draining);
  }
}

function part({ samples, played }, start, end) {
  return { samples: samples.subarray(start, end), played: played?.subarray(start, end) ?? null };
}
