// Small helpers for elements.

export const byId = (id) => document.getElementById(id);

/** Make an element: make('button', {type: 'button', onclick}, 'Text', child). */
export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in element) element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

/** Show a sentence in an element that is hidden while it has none. */
export function say(element, sentence) {
  element.textContent = sentence;
  element.hidden = !sentence;
}

export function seconds(value) {
  return Number.isFinite(value) ? `${Math.max(0, value).toFixed(1)} s` : '–';
}

export function amount(bytes) {
  if (!Number.isFinite(bytes) || bytes <= 0) return '';
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Where a peak of 0 to 1 stands on a meter of 60 decibels, 0 to 1. */
export function level(peak) {
  return peak > 0.001 ? 1 + Math.log10(peak) / 3 : 0;
}
