// The voices tab: saved voices, and making one from recordings of somebody who agreed.

import { json, request } from './api.js';
import { byId, make, say } from './dom.js';
import { fillLanguages } from './languages.js';

const fault = byId('voices-fault');
const state = byId('voices-state');

export function fillVoices() {
  fillLanguages(byId('voice-language'), 'targets', 'target');
  byId('voice-language').onchange = null;
}

function row(voice) {
  const about = [voice.kind, voice.made_on && `made on ${voice.made_on}`].filter(Boolean).join(', ');
  return make(
    'li', {},
    make(
      'div', { className: 'what' }, make('strong', {}, voice.name),
      make('span', { className: 'note' }, about), make('br'),
      make('span', { className: 'note' }, `consent: ${voice.consent || 'none was recorded'}`),
    ),
    make(
      'button',
      { type: 'button', 'aria-label': `Delete ${voice.name}`, onclick: () => remove(voice.name) },
      'Delete',
    ),
  );
}

async function remove(name) {
  if (!window.confirm(`Delete the voice ${name}? It cannot be brought back.`)) return;
  try {
    await request(`/v1/voices/${encodeURIComponent(name)}`, { method: 'DELETE' });
    state.textContent = `${name} is deleted.`;
    await showVoices();
    byId('voice-name').focus();
  } catch (error) {
    say(fault, error.message);
  }
}

export async function showVoices() {
  try {
    const { data } = await json('/v1/voices');
    byId('voice-list').replaceChildren(...data.map(row));
    byId('no-voices').hidden = data.length > 0;
  } catch (error) {
    if (error.status !== 401) say(fault, error.message);
  }
}

async function enrol(form) {
  const body = new FormData();
  body.append('name', byId('voice-name').value);
  body.append('language', byId('voice-language').value);
  body.append('consent', byId('voice-consent').value);
  body.append('agreed', String(byId('voice-agreed').checked));
  for (const file of byId('voice-clips').files) body.append('file', file, file.name);
  const button = form.querySelector('button');
  button.disabled = true;
  say(fault, '');
  state.textContent = 'The voice is being made.';
  try {
    const voice = await json('/v1/voices', { method: 'POST', body });
    state.textContent = `${voice.name} is saved. ${voice.verdict ?? ''}`;
    form.reset();
    await showVoices();
  } catch (error) {
    state.textContent = '';
    say(fault, error.message);
  } finally {
    button.disabled = false;
  }
}

export function startVoices() {
  byId('voice-form').addEventListener('submit', (event) => {
    event.preventDefault();
    enrol(event.target);
  });
}
