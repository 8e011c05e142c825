// The rooms tab: several phones and computers, each with its own language.

import { json } from './api.js';
import { Captions } from './captions.js';
import { byId, level, make, say } from './dom.js';
import { fillLanguages, nameOf } from './languages.js';
import { openMicrophone, player } from './live.js';
import { Realtime } from './realtime.js';
import { bind, kept } from './settings.js';
import { microphoneFault } from './sound.js';

const fault = byId('room-fault');
const state = byId('room-state');
const said = new Captions(byId('room-said'), 'room');

let room = null; // {id, key}; where it was opened here also {url, code, reached_by_others}
let session = null;
let microphone = null;
let speaker = '';

export function fillRooms() {
  fillLanguages(byId('room-language'), 'targets', 'roomLanguage', {
    onChange: () => session?.update(request()),
  });
}

/** Take the invitation out of the address, as a phone has it after the QR code; else take the room
 * in which this tab was before it was loaded again. */
export function takeInvitation(parameters) {
  const id = parameters.get('room');
  const key = parameters.get('key');
  room = id && key ? { id, key } : lastRoom();
  if (!room) return false;
  byId('room-join').textContent = 'Join the room';
  state.textContent = 'You are invited to a room: choose your language and join it.';
  return true;
}

function lastRoom() {
  try {
    return JSON.parse(kept.read('in-room') ?? 'null');
  } catch {
    return null;
  }
}

/** The room that this page was invited to; null without an invitation. */
export const invitation = () => (room && !room.code ? room : null);

function request() {
  const language = byId('room-language').value;
  return {
    name: byId('room-name').value.trim(),
    audio: { input: { transcription: { model: 'auto', language } }, output: { language } },
  };
}

async function join() {
  say(fault, '');
  try {
    await player.open();
    if (!room) room = await json('/v1/rooms', { method: 'POST' });
  } catch (error) {
    say(fault, error.message);
    return;
  }
  said.setLanguage(byId('room-language').value);
  session = new Realtime({
    state: showState,
    target: (text, event) => {
      if (event.speaker && event.speaker.id !== speaker) {
        speaker = event.speaker.id;
        said.beginSpeaker(event.speaker.name);
        text = text.trimStart();
      }
      said.add(text);
    },
    sound: (samples) => player.play(samples),
    other: showExtra,
    error: (sentence) => say(fault, sentence),
  }, {
    path: `/v1/rooms/${encodeURIComponent(room.id)}/live?model=stslocal`,
    protocols: [`openai-insecure-api-key.${room.key}`],
  });
  session.open(request());
  kept.write('in-room', JSON.stringify(room));
}

function showExtra(event) {
  if (event.type === 'room.members') {
    byId('room-members').replaceChildren(...event.members.map((member) => make(
      'li', {}, `${member.name}, ${nameOf(member.language)}${member.you ? ' (you)' : ''}`,
    )));
  }
}

function showState(name, sentence) {
  const inside = name === 'open' || name === 'reconnecting';
  byId('room-inside').hidden = !inside;
  byId('room-join').hidden = inside;
  byId('room-leave').hidden = !inside;
  byId('room-name').disabled = inside;
  if (name === 'open') {
    state.textContent = room.code && !room.reached_by_others
      ? 'You are in the room. Others cannot reach this address: open the page by this '
        + "machine's address in your network (docs/server.md), and open a room there."
      : 'You are in the room.';
    byId('room-code').hidden = !room.code;
    if (room.code) {
      byId('room-picture').src = `data:image/svg+xml;utf8,${encodeURIComponent(room.code)}`;
      byId('room-address').href = room.url;
      byId('room-address').textContent = room.url;
    }
  }
  if (name === 'reconnecting') state.textContent = sentence;
  if (name === 'refused') say(fault, sentence);
  if (name === 'refused' || name === 'closed') left();
}

/** The next click opens a new room. */
export function forgetRoom() {
  room = null;
  kept.write('in-room', 'null');
  byId('room-join').textContent = 'Open a room';
}

async function left() {
  state.textContent = 'You have left the room.';
  session = null;
  speaker = '';
  forgetRoom();
  await speak(false);
}

async function speak(on) {
  const button = byId('room-speak');
  const open = microphone;
  microphone = null;
  await open?.close();
  byId('room-level').value = 0;
  if (on) {
    try {
      microphone = await openMicrophone((piece, peak, played) => {
        byId('room-level').value = level(peak);
        session?.append(piece, played);
      }, () => speak(false));
    } catch (error) {
      say(fault, microphoneFault(error));
    }
  }
  button.setAttribute('aria-pressed', String(microphone !== null));
  button.textContent = `Switch my microphone ${microphone ? 'off' : 'on'}`;
}

export function startRooms() {
  bind(byId('room-name'), 'roomName');
  byId('room-form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (!session) join();
  });
  byId('room-leave').addEventListener('click', () => session?.finish());
  byId('room-speak').addEventListener('click', () => speak(microphone === null));
}
