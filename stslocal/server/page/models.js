// The models tab: what is installed, under which licence, and what to type to get more.

import { json } from './api.js';
import { byId, make, say } from './dom.js';

const MOST_SHOWN = 30;
let others = [];

function row(model) {
  const licence = make(
    'span', { className: 'note' }, `${model.purpose}, ${model.size}, licence `,
    model.licence_url
      ? make('a', { href: model.licence_url, rel: 'noreferrer', target: '_blank' }, model.licence)
      : model.licence,
  );
  const what = make('div', { className: 'what' }, make('strong', {}, model.id), licence);
  if (!model.commercial) {
    what.append(make('span', { className: 'note warning-mark' }, ', not for commercial use'));
  }
  if (model.title) what.append(make('br'), make('span', { className: 'note' }, model.title));
  const line = make('li', {}, what);
  if (model.command) line.append(make('code', {}, model.command));
  return line;
}

function showOthers() {
  const words = byId('models-filter').value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = others.filter((model) => {
    const text = `${model.id} ${model.title} ${model.purpose} ${model.languages}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const rows = found.slice(0, MOST_SHOWN).map(row);
  if (found.length > MOST_SHOWN) {
    rows.push(make('li', {}, `and ${found.length - MOST_SHOWN} more: search for a language`));
  }
  if (!found.length) rows.push(make('li', {}, 'None has these words.'));
  byId('models-more').replaceChildren(...rows);
}

export async function showModels() {
  try {
    const { data } = await json('/v1/page/models');
    const installed = data.filter((model) => model.installed);
    others = data.filter((model) => !model.installed);
    byId('models-installed').replaceChildren(...installed.map(row));
    showOthers();
  } catch (error) {
    if (error.status !== 401) say(byId('models-fault'), error.message);
  }
}

export function startModels() {
  byId('models-filter').addEventListener('input', showOthers);
}
