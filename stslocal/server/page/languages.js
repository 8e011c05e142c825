// The languages that the installed models know, for all lists of languages on the page.

import { json } from './api.js';
import { make } from './dom.js';
import { change, settings } from './settings.js';

let known = { sources: [], targets: [], pairs: {}, source: '', target: '' };

/** Load them; a guest of a room has its key and no token. */
export async function loadLanguages(room) {
  known = room
    ? await json(`/v1/rooms/${encodeURIComponent(room.id)}/languages`, {
      headers: { Authorization: `Bearer ${room.key}` },
    })
    : await json('/v1/page/languages');
}

/** Why nothing can be translated here, with what to type; empty if something can. */
export const missing = () => (
  known.targets.length ? '' : 'No models are installed with which a language can be translated: '
    + 'type `stslocal models pull starter` on the machine of the server, and restart it.'
);

export const nameOf = (code) => [...known.sources, ...known.targets]
  .find((language) => language.code === code)?.name ?? code;

function option({ code, name, native_name: native }) {
  return make('option', { value: code }, native && native !== name ? `${name} (${native})` : name);
}

/** Offer only the sources that can be translated into the target. */
export function limitSources(source, target) {
  const reached = known.pairs?.[target.value];
  for (const option of source.options) {
    option.disabled = Boolean(option.value && reached && !reached.includes(option.value));
    if (option.disabled && option.selected) source.value = '';
  }
}

/** Fill a list and keep it with a setting. `first` is the text of an empty choice, if there is one. */
export function fillLanguages(select, list, setting, { first = '', onChange = () => {} } = {}) {
  const wanted = settings[setting] || (list === 'sources' ? known.source : known.target);
  const options = known[list].map(option);
  if (first) options.unshift(make('option', { value: '' }, first));
  select.replaceChildren(...options);
  const codes = [...select.options].map((each) => each.value);
  if (codes.includes(wanted)) select.value = wanted;
  select.onchange = () => {
    change(setting, select.value);
    onChange(select.value);
  };
}
