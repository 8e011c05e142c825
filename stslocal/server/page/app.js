// Starts the page: the token, the colours, the tabs.

import { request, whenTokenIsRefused } from './api.js';
import { byId, say } from './dom.js';
import { fillFiles, showJobs, startFiles } from './files.js';
import { loadLanguages, missing } from './languages.js';
import { fillLive, player, startLive } from './live.js';
import { showModels, startModels } from './models.js';
import { fillRooms, forgetRoom, invitation, startRooms, takeInvitation } from './rooms.js';
import { bind, kept, settings, setToken } from './settings.js';
import { startTabs } from './tabs.js';
import { fillVoices, showVoices, startVoices } from './voices.js';

const BAD_INVITATION = 'This room is closed, or the invitation is wrong: ask for another one.';
const SHOW = { files: showJobs, voices: showVoices, models: showModels };

let isGuest = false; // came with an invitation: is not asked for a token

/** The token and the invitation come behind # and leave the address at once: it may be copied. */
function readAddress() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  if (parameters.get('token')) setToken(parameters.get('token'));
  const found = takeInvitation(parameters);
  if (parameters.has('token') || parameters.has('room')) history.replaceState(null, '', location.pathname);
  return found;
}

function showTheme(theme) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function askForToken() {
  const dialog = byId('token-dialog');
  if (!dialog.open && !invitation() && !isGuest) dialog.showModal();
}

/** Load what a guest may see. Where the room is closed, say so and go on without it. */
async function loadForGuest() {
  try {
    await loadLanguages(invitation());
    isGuest = await request('/v1/page/languages').then(() => false, () => true);
    document.body.classList.toggle('guest', isGuest); // the other tabs need the token
    return '';
  } catch (error) {
    if (!error.status) throw error;
    isGuest = true;
    forgetRoom();
    await loadLanguages().catch(() => {});
    return BAD_INVITATION;
  }
}

async function fill() {
  let fault = '';
  try {
    if (invitation()) fault = await loadForGuest();
    else await loadLanguages();
  } catch (error) {
    if (error.status !== 401) say(byId('page-fault'), error.message);
    return;
  }
  say(byId('page-fault'), fault || missing());
  byId('start').disabled = missing() !== '';
  fillLive();
  fillFiles();
  fillVoices();
  fillRooms();
}

async function start() {
  const isInvited = readAddress();
  bind(byId('theme'), 'theme', showTheme);
  showTheme(settings.theme);
  whenTokenIsRefused(askForToken);
  startLive();
  startFiles();
  startRooms();
  startVoices();
  startModels();
  const show = startTabs((name) => SHOW[name]?.());
  byId('token-form').addEventListener('submit', async () => {
    setToken(byId('token').value);
    byId('token').value = '';
    await fill();
    SHOW[kept.read('tab')]?.();
  });
  await fill();
  show(isInvited ? 'rooms' : (kept.read('tab') ?? 'live'));
  document.documentElement.dataset.ready = 'yes';
}

// What tests and curious people may look at in the console.
globalThis.stslocal = { player };

start();
