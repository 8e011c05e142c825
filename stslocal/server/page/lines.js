// The sentences of a finished translation: to listen to, to correct, and to speak again.

import { json, request } from './api.js';
import { byId, make, say } from './dom.js';
import { nameOf } from './languages.js';

const SHOWN_AT_ONCE = 100;
const FINAL = new Set(['done', 'failed', 'cancelled']);
const section = byId('lines');
const title = byId('lines-title');
const body = byId('lines-body');
const fault = byId('lines-fault');
const state = byId('lines-state');
const save = byId('lines-save');
const player = new Audio();

let open = null; // {job, number, path, name, rows, given, busy, onJob}

/** A time as a person reads it: 1:07.2. */
function clock(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - 60 * minutes).toFixed(1).padStart(4, '0')}`;
}

function field(tag, name, line, properties) {
  return make(tag, { 'aria-label': `${name}, sentence ${line.number}`, ...properties });
}

class LineRow {
  constructor(line, languages) {
    this.line = line;
    this.text = this.area('What was said', line.text, languages.from);
    this.translation = this.area('Translation', line.translation, languages.to);
    const number = { type: 'number', step: '0.01', required: true };
    this.speed = field('input', 'Speed', line, { ...number, min: '0.5', max: '2', value: line.speed.toFixed(2) });
    this.start = field('input', 'Start in seconds', line, { ...number, step: 'any', min: '0', value: line.start_s.toFixed(1) });
    this.skip = field('input', 'Leave out', line, { type: 'checkbox', checked: line.skip });
    const cell = (label, ...parts) => make('td', { role: 'cell', 'data-label': label }, ...parts);
    this.element = make(
      'tr', { role: 'row' },
      make(
        'th', { role: 'rowheader', scope: 'row' }, String(line.number),
        make('span', { className: 'note' }, ` ${clock(line.source_start_s)} ${line.speaker}`),
        ...(line.fault ? [make('span', { className: 'note warning-mark' }, ` ${line.fault}`)] : []),
      ),
      cell('What was said', this.text),
      cell('Translation', this.translation),
      cell('Start (s)', this.start),
      cell('Speed', this.speed),
      cell('Leave out', this.skip),
      cell('Listen', this.listen('translation', 'Translation'), this.listen('original', 'Original')),
    );
    this.element.addEventListener('input', () => showChanges());
    this.mark();
  }

  area(name, text, language) {
    const code = language === 'auto' || language.includes(',') ? this.line.language : language;
    return field('textarea', name, this.line, {
      rows: 2, maxLength: 2000, lang: code, dir: 'auto', value: text, spellcheck: true,
    });
  }

  listen(of, text) {
    const name = of === 'translation' ? 'the translation' : 'the original';
    return make('button', {
      type: 'button',
      'aria-label': `Listen to ${name} of sentence ${this.line.number}`,
      disabled: of === 'translation' && !this.line.has_sound,
      onclick: () => listen(this.line.number, of),
    }, text);
  }

  /** What the person changed, as the server takes it; null where nothing. */
  changes() {
    const { line } = this;
    const wanted = {};
    if (this.text.value !== line.text) wanted.text = this.text.value;
    if (this.translation.value !== line.translation) wanted.translation = this.translation.value;
    if (this.speed.value !== line.speed.toFixed(2)) wanted.speed = Number(this.speed.value);
    if (this.start.value !== line.start_s.toFixed(1)) wanted.start_s = Number(this.start.value);
    if (this.skip.checked !== line.skip) wanted.skip = this.skip.checked;
    return Object.keys(wanted).length ? { number: line.number, ...wanted } : null;
  }

  mark() {
    this.element.classList.toggle('changed', this.line.is_changed || this.changes() !== null);
  }
}

const changed = () => (open?.rows ?? []).map((row) => row.changes()).filter(Boolean);
const waiting = () => (open?.given ?? []).filter((line) => line.is_changed).length;

function showChanges() {
  open.rows.forEach((row) => row.mark());
  const count = changed().length;
  save.disabled = open.busy || count + waiting() === 0;
  if (open.busy) return;
  state.textContent = count ? `${count === 1 ? '1 sentence is' : `${count} sentences are`} changed.` : '';
}

async function listen(number, of) {
  const key = `${number} ${of}`;
  const wasPlaying = !player.paused && player.dataset.key === key;
  player.pause();
  if (wasPlaying) return;
  try {
    const sound = await (await request(`${open.path}/${number}/${of}.wav`)).blob();
    URL.revokeObjectURL(player.src);
    player.src = URL.createObjectURL(sound);
    player.dataset.key = key;
    await player.play();
    say(fault, '');
  } catch (error) {
    if (error.name !== 'AbortError') say(fault, error.message);
  }
}

function showMore() {
  const { given, rows, languages } = open;
  const next = given.slice(rows.length, rows.length + SHOWN_AT_ONCE);
  const added = next.map((line) => new LineRow(line, languages));
  rows.push(...added);
  body.append(...added.map((row) => row.element));
  byId('lines-more').hidden = rows.length >= given.length;
  byId('lines-none').hidden = given.length > 0;
  showChanges();
  return added[0];
}

async function load(view) {
  const document_ = await json(view.path);
  if (open !== view) return;
  const count = Math.max(SHOWN_AT_ONCE, view.rows?.length ?? 0);
  Object.assign(view, {
    given: document_.data, rows: [], languages: { from: document_.from, to: document_.to },
  });
  byId('lines-to').textContent = `Translation into ${nameOf(document_.to)}`;
  body.replaceChildren();
  do showMore(); while (view.rows.length < Math.min(count, view.given.length));
}

function mayClose() {
  return !changed().length || window.confirm('Close the sentences? What you changed is not saved.');
}

export function closeLines({ ask = true } = {}) {
  if (!open || (ask && !mayClose())) return false;
  player.pause();
  const { opener } = open;
  open = null;
  section.hidden = true;
  body.replaceChildren();
  opener()?.focus();
  return true;
}

/** Open the sentences of a recording. `onJob` gets the job when its sentences are spoken again. */
export async function openLines(job, number, { onJob, opener }) {
  if (open && !closeLines()) return;
  const part = job.recordings[number - 1];
  open = { job: job.id, number, path: part.lines, name: part.name, onJob, opener, busy: false };
  title.textContent = `Sentences of ${part.name}`;
  say(fault, '');
  state.textContent = '';
  section.hidden = false;
  title.focus();
  try {
    await load(open);
  } catch (error) {
    say(fault, error.message);
  }
}

/** Follow a job whose sentences are open. */
export async function watchLines(job) {
  const view = open;
  if (view?.job !== job.id) return;
  const part = job.recordings[view.number - 1];
  const ended = FINAL.has(job.state);
  if (!ended) {
    view.busy = true;
    byId('lines-fields').disabled = true;
    const { done = 0, total = 0 } = part.redo ?? {};
    state.textContent = total ? `Spoken again: ${done} of ${total}.` : 'The sentences wait for their turn.';
    showChanges();
  } else if (view.busy) {
    view.busy = false;
    byId('lines-fields').disabled = false;
    try {
      await load(view);
    } catch (error) {
      say(fault, error.message);
    }
    say(fault, part.error ?? '');
    state.textContent = part.error ? '' : 'Done: the files above have the corrected sentences.';
  }
}

/** A job is deleted: its sentences cannot be corrected any more. */
export function forgetLines(id) {
  if (open?.job === id) closeLines({ ask: false });
}

async function send() {
  if (!byId('lines-form').reportValidity()) return;
  const known = new Map(changed().map((row) => [row.number, row]));
  for (const line of open.given) {
    if (line.is_changed && !known.has(line.number)) known.set(line.number, { number: line.number });
  }
  if (!known.size) return;
  save.disabled = true;
  say(fault, '');
  const view = open;
  try {
    const job = await json(view.path, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ lines: [...known.values()] }),
    });
    view.busy = true;
    view.onJob(job);
  } catch (error) {
    say(fault, error.message);
    showChanges();
  }
}

export function startLines() {
  byId('lines-close').addEventListener('click', () => closeLines());
  byId('lines-more').addEventListener('click', () => showMore()?.text.focus());
  byId('lines-form').addEventListener('submit', (event) => {
    event.preventDefault();
    send();
  });
  byId('lines-form').addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send();
    }
  });
}
