// The live tab: microphone to captions and voice.

import { json, save } from './api.js';
import { Captions } from './captions.js';
import { byId, level, make, say, seconds } from './dom.js';
import { fillLanguages, limitSources } from './languages.js';
import { Realtime } from './realtime.js';
import { bind, givenToken, settings } from './settings.js';
import { Microphone, microphoneFault, microphones, Player } from './sound.js';

const READY = 'Choose the languages and press Start.';
const state = byId('live-state');
const fault = byId('live-fault');
const start = byId('start');
const spoken = new Captions(byId('spoken'), 'spoken');
const translated = new Captions(byId('translated'), 'translated');
export const player = new Player(showPlayback);

let session = null;
let microphone = null;

/** The protocols that carry the token: a browser can send no header with a WebSocket. */
export const tokenProtocols = () => (
  givenToken() ? [`openai-insecure-api-key.${givenToken()}`] : []
);

function request() {
  return {
    audio: {
      input: { transcription: { model: 'auto' } }, output: { language: byId('target').value },
    },
  };
}

function setLanguages() {
  limitSources(byId('source'), byId('target'));
  spoken.setLanguage(byId('source').value);
  translated.setLanguage(byId('target').value);
  session?.update(request());
}

export function fillLive() {
  fillLanguages(byId('source'), 'sources', 'source', { first: 'detect it', onChange: setLanguages });
  fillLanguages(byId('target'), 'targets', 'target', { onChange: setLanguages });
  setLanguages();
}

function setRunning(running) {
  start.textContent = running ? 'Stop' : 'Start';
  byId('source').disabled = running;
  state.classList.remove('warning');
}

async function begin() {
  say(fault, '');
  start.disabled = true;
  state.textContent = 'The microphone is being opened.';
  spoken.breakParagraph();
  translated.breakParagraph();
  try {
    await player.open();
    microphone = await openMicrophone((piece, peak, played) => {
      byId('level').value = level(peak);
      session?.append(piece, played);
    }, () => lost());
  } catch (error) {
    say(fault, microphoneFault(error));
    state.textContent = READY;
    start.disabled = false;
    return;
  }
  session = makeSession();
  session.open(request());
  setRunning(true);
  start.disabled = false;
  listMicrophones();
}

/** `onPiece(samples, peak, played)`: `played` is what the server shall take out, or null. */
export function openMicrophone(onPiece, onEnd) {
  const cancels = settings.echoCancellation;
  return Microphone.open({
    device: settings.microphone,
    levels: !cancels,
    player,
    onPiece: (samples, peak, played) => onPiece(samples, peak, cancels ? played : null),
    onEnd,
  });
}

function makeSession() {
  return new Realtime({
    state: showState,
    source: (text) => spoken.add(text),
    target: (text) => translated.add(text),
    sound: (samples) => {
      if (settings.speak) player.play(samples);
    },
    other: showExtra,
    error: (sentence) => say(fault, sentence),
  }, {
    protocols: tokenProtocols(),
    query: { source: byId('source').value || 'auto' },
  });
}

/** What our server sends beyond the published protocol: the events of docs/files.md. */
function showExtra({ type, event }) {
  if (type !== 'stslocal.event' || !event) return;
  if (event.name === 'partial_text') spoken.show(event.text);
  if (event.name === 'notice') state.textContent = event.text;
  if (event.name === 'lag_measured') {
    byId('lag').textContent = seconds(event.spoken_s - event.played_s);
  }
  if (event.name === 'playback_started') {
    byId('latency').textContent = seconds(event.at_s - event.source_end_s);
  }
}

function showState(name, sentence, about) {
  state.classList.toggle('warning', name === 'reconnecting');
  if (name === 'connecting') state.textContent = 'The server loads the models for these languages.';
  if (name === 'open') {
    say(fault, '');
    state.textContent = 'Speak: the translation follows.';
  }
  if (name === 'reconnecting') {
    spoken.show('');
    state.textContent = sentence;
    if (about.tries % 3 === 0) probe();
  }
  if (name === 'refused') {
    say(fault, sentence);
    state.textContent = READY;
    stopSound();
  }
  if (name === 'closed') {
    state.textContent = 'Stopped. The text stays until you clear it.';
    stopSound();
  }
}

/** A browser does not say why a WebSocket was refused: a request does. */
async function probe() {
  try {
    await json('/v1/page/languages');
  } catch (error) {
    if (error.status) say(fault, error.message);
    if (error.status === 401) session?.finish();
  }
}

async function lost() {
  say(fault, 'The microphone was disconnected: connect it and press Start.');
  await end();
}

async function end() {
  start.disabled = true;
  await closeMicrophone();
  state.textContent = 'The last words are being translated.';
  await session?.close();
  start.disabled = false;
}

async function closeMicrophone() {
  const open = microphone;
  microphone = null;
  byId('level').value = 0;
  await open?.close();
}

function stopSound() {
  session = null;
  closeMicrophone();
  setRunning(false);
  spoken.show('');
  translated.show('');
}

function showPlayback({ queuedS }) {
  byId('queue').textContent = seconds(queuedS);
}

async function listMicrophones() {
  const found = (await microphones()).filter(({ id, name }) => id && name && id !== 'default');
  const select = byId('microphone');
  select.replaceChildren(
    make('option', { value: '' }, "the system's"),
    ...found.map(({ id, name }) => make('option', { value: id }, name)),
  );
  select.value = found.some(({ id }) => id === settings.microphone) ? settings.microphone : '';
}

function showSize(size) {
  document.documentElement.style.setProperty('--caption-size', `${size}rem`);
}

function setAudience(on) {
  document.body.classList.toggle('audience', on);
  const button = byId('audience');
  button.setAttribute('aria-pressed', String(on));
  button.textContent = on ? 'Leave the audience view' : 'Audience view';
  if (on) document.documentElement.requestFullscreen?.().catch(() => {});
  else if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  translated.follow();
}

export function startLive() {
  byId('live-form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (session) end();
    else begin();
  });
  byId('audience').addEventListener('click', () => {
    setAudience(!document.body.classList.contains('audience'));
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && document.body.classList.contains('audience')) setAudience(false);
  });
  document.addEventListener('fullscreenchange', () => {
    if (!document.fullscreenElement && document.body.classList.contains('audience')) setAudience(false);
  });
  byId('clear-text').addEventListener('click', () => {
    spoken.clear();
    translated.clear();
  });
  byId('save-text').addEventListener('click', () => {
    const text = `${spoken.text}\n\n---\n\n${translated.text}\n`;
    save(new Blob([text], { type: 'text/plain' }), 'stslocal.txt');
  });
  bind(byId('text-size'), 'textSize', showSize);
  showSize(settings.textSize);
  bind(byId('volume'), 'volume', (volume) => player.setVolume(volume));
  player.volume = settings.volume;
  bind(byId('speak'), 'speak', (on) => {
    if (!on) player.clear();
  });
  bind(byId('echo'), 'echoCancellation');
  bind(byId('microphone'), 'microphone');
  listMicrophones();
  window.addEventListener('pagehide', () => {
    spoken.keepNow();
    translated.keepNow();
    session?.finish(); // frees its place on the server at once
  });
  navigator.mediaDevices?.addEventListener('devicechange', listMicrophones);
}
