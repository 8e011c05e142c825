// What a person chooses for the files that they drop, beyond the two languages.

import { byId, make } from './dom.js';
import { fillLanguages } from './languages.js';
import { bind } from './settings.js';

const LISTS = { original: 'file-original', speakers: 'file-speakers', output_format: 'file-format', subtitles: 'file-subtitles' };

export function startFileChoices() {
  const many = [...Array(7).keys()].slice(2).map((count) => (
    make('option', { value: String(count) }, `one for each of ${count} speakers`)
  ));
  byId('file-speakers').append(...many);
  bind(byId('file-original'), 'fileOriginal');
  bind(byId('file-speakers'), 'fileSpeakers');
  bind(byId('file-format'), 'fileFormat');
  bind(byId('file-subtitles'), 'fileSubtitles');
  bind(byId('file-bilingual'), 'fileBilingual');
  bind(byId('file-report'), 'fileReport');
}

export function fillFileChoices() {
  fillLanguages(byId('file-second'), 'sources', 'fileSecond', { first: 'none' });
}

/** Put the choices into the form of a job. */
export function appendChoices(form) {
  for (const [name, id] of Object.entries(LISTS)) {
    const { value } = byId(id);
    if (name === 'speakers' && value === 'channels') form.append('channels', 'speakers');
    else if (value === 'background') form.append('background', 'keep');
    else if (value) form.append(name, value);
  }
  if (byId('file-bilingual').checked) form.append('bilingual', 'true');
  if (byId('file-report').checked) form.append('report', 'true');
  const first = byId('file-source').value;
  const second = byId('file-second').value;
  if (first) form.append('from', second && second !== first ? `${first},${second}` : first);
}
