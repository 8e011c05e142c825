// The files tab: recordings in, translated speech and subtitles out.

import { download, events, json, request } from './api.js';
import { amount, byId, make, say } from './dom.js';
import { appendChoices, fillFileChoices, startFileChoices } from './file-choices.js';
import { forgetLines, openLines, startLines, watchLines } from './lines.js';
import { fillLanguages, limitSources, nameOf } from './languages.js';

const FINAL = new Set(['done', 'failed', 'cancelled']);
const rows = new Map();
const fault = byId('files-fault');

const STATES = {
  queued: 'waits for its turn',
  running: 'is being translated',
  done: 'is translated',
  failed: 'could not be translated',
  cancelled: 'was cancelled',
};

export function fillFiles() {
  const limit = () => limitSources(byId('file-source'), byId('file-target'));
  fillLanguages(byId('file-source'), 'sources', 'fileSource', { first: 'detect it' });
  fillLanguages(byId('file-target'), 'targets', 'fileTarget', { onChange: limit });
  limit();
  fillFileChoices();
}

/** The sentences of a job that are being spoken again; undefined where none are. */
const redoOf = (job) => (job.recordings ?? []).find((part) => part.redo)?.redo;

/** The share of a job that is done, 0 to 1; null while it is not known. */
function shareOf(job) {
  const parts = job.recordings ?? [];
  const redo = redoOf(job);
  if (redo) return redo.total ? redo.done / redo.total : null;
  const total = parts.reduce((sum, part) => sum + (part.total_s ?? 0), 0);
  const done = parts.reduce((sum, part) => sum + (part.done_s ?? 0), 0);
  return total > 0 ? Math.min(1, done / total) : null;
}

class Row {
  constructor(job) {
    this.title = make('strong');
    this.note = make('span', { className: 'note' });
    this.bar = make('progress', { max: 1 });
    this.cancel = make('button', { type: 'button', onclick: () => this.act('cancel') }, 'Cancel');
    this.remove = make('button', { type: 'button', onclick: () => this.act('delete') }, 'Delete');
    this.links = make('div', { className: 'links' });
    this.element = make(
      'li', {}, make('div', { className: 'what' }, this.title, this.note), this.bar, this.cancel,
      this.remove, this.links,
    );
    this.show(job);
  }

  show(job) {
    const before = this.job?.state;
    this.job = job;
    const names = (job.recordings ?? []).map((part) => part.name).join(', ') || job.id;
    const share = shareOf(job);
    const final = FINAL.has(job.state);
    this.title.textContent = names;
    this.bar.setAttribute('aria-label', `Progress of ${names}`);
    this.cancel.setAttribute('aria-label', `Cancel ${names}`);
    this.remove.setAttribute('aria-label', `Delete ${names} and its results`);
    this.bar.hidden = final;
    if (share === null) this.bar.removeAttribute('value');
    else this.bar.value = share;
    this.cancel.hidden = final;
    this.remove.hidden = !final;
    const percent = !final && share !== null ? ` ${Math.floor(share * 100)} %` : '';
    const why = sentenceOf(job);
    const said = !final && !redoOf(job) && job.sentence?.translation ? ` “${job.sentence.translation}”` : '';
    const what = redoOf(job) && !final ? 'sentences are spoken again' : STATES[job.state] ?? job.state;
    this.note.textContent = `to ${nameOf(job.to)}: ${what}${percent}${why}${said}`;
    if (before && before !== job.state) {
      byId('files-state').textContent = `${names} ${what}`;
    }
    this.showLinks(job);
    watchLines(job);
  }

  showLinks(job) {
    const final = FINAL.has(job.state);
    const files = final ? (job.files ?? []).filter((file) => file.kind !== 'speech') : [];
    const parts = final ? (job.recordings ?? []) : [];
    const toCorrect = parts.flatMap((part, place) => (part.lines ? [this.correct(part, place + 1)] : []));
    this.links.replaceChildren(...toCorrect, ...files.map(({ name, bytes, url }) => make(
      'button',
      {
        type: 'button',
        onclick: () => download(url, name).catch((error) => say(fault, error.message)),
      },
      `Save ${name}${amount(bytes) ? ` (${amount(bytes)})` : ''}`,
    )));
  }

  correct(part, number) {
    const key = `correct-${this.job.id}-${number}`;
    const onJob = (job) => {
      this.show(job);
      this.follow();
    };
    const onclick = ({ currentTarget }) => openLines(this.job, number, { onJob, opener: () => byId(key) ?? currentTarget });
    return make('button', { type: 'button', id: key, onclick }, `Correct the sentences of ${part.name}`);
  }

  async act(what) {
    const path = `/v1/jobs/${encodeURIComponent(this.job.id)}`;
    try {
      if (what === 'cancel') this.show(await json(`${path}/cancel`, { method: 'POST' }));
      else {
        await request(path, { method: 'DELETE' });
        this.element.remove();
        rows.delete(this.job.id);
        forgetLines(this.job.id);
        showCount();
        byId('file-input').focus();
      }
    } catch (error) {
      say(fault, error.message);
    }
  }

  /** Show the progress until the job is over; after a lost connection, begin again. */
  async follow() {
    const path = `/v1/jobs/${encodeURIComponent(this.job.id)}`;
    while (!FINAL.has(this.job.state) && rows.has(this.job.id)) {
      try {
        for await (const { data } of events(`${path}/events`)) {
          if (data?.id === this.job.id) this.show(data);
        }
        if (!FINAL.has(this.job.state)) this.show(await json(path));
      } catch (error) {
        if (error.status >= 400) return;
      }
      if (!FINAL.has(this.job.state)) await new Promise((resolve) => { setTimeout(resolve, 1000); });
    }
  }
}

function sentenceOf(job) {
  const errors = [job.error, ...(job.recordings ?? []).map((part) => part.error)];
  const texts = errors.map((error) => error?.message ?? error).filter(Boolean);
  return texts.length ? `: ${texts.join('; ')}` : '';
}

function showCount() {
  byId('no-jobs').hidden = rows.size > 0;
}

function add(job) {
  if (rows.has(job.id)) {
    rows.get(job.id).show(job);
    return;
  }
  const row = new Row(job);
  rows.set(job.id, row);
  byId('job-list').prepend(row.element);
  showCount();
  row.follow();
}

async function submit(files) {
  say(fault, '');
  for (const file of files) {
    const form = new FormData();
    form.append('to', byId('file-target').value);
    appendChoices(form);
    form.append('file', file, file.name);
    byId('files-state').textContent = `${file.name} is being sent.`;
    try {
      add(await json('/v1/jobs', { method: 'POST', body: form }));
    } catch (error) {
      say(fault, `${file.name}: ${error.message}`);
    }
  }
}

export async function showJobs() {
  try {
    const { data } = await json('/v1/jobs');
    [...data].reverse().forEach(add);
  } catch (error) {
    if (error.status !== 401) say(fault, error.message);
  }
}

export function startFiles() {
  startFileChoices();
  startLines();
  const drop = byId('drop');
  byId('file-input').addEventListener('change', async (event) => {
    const chosen = [...event.target.files];
    event.target.value = '';
    await submit(chosen);
  });
  for (const name of ['dragenter', 'dragover']) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add('over');
    });
  }
  drop.addEventListener('dragleave', () => drop.classList.remove('over'));
  drop.addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    submit([...event.dataTransfer.files]);
  });
  // a file dropped beside the field must not replace the page
  for (const name of ['dragover', 'drop']) {
    document.addEventListener(name, (event) => event.preventDefault());
  }
}
