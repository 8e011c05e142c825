// Requests to the server that this page came from. Every refusal becomes one sentence.

import { givenToken } from './settings.js';

export class Refusal extends Error {
  constructor(message, status, code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const watchers = new Set();

/** Call `onRefused()` whenever the server asks for a token, or refuses the one given. */
export function whenTokenIsRefused(onRefused) {
  watchers.add(onRefused);
}

/** Fetch a path. Raises Refusal with the server's sentence, or with ours when it does not answer. */
export async function request(path, options = {}) {
  const headers = new Headers(options.headers);
  if (givenToken() && !headers.has('Authorization')) {
    headers.set('Authorization', `Bearer ${givenToken()}`);
  }
  let response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refusal('The server does not answer: is `stslocal serve` running?', 0);
  }
  if (response.ok) return response;
  const found = await response.json().catch(() => ({}));
  const message = found?.error?.message ?? `The server refused this (${response.status}).`;
  if (response.status === 401) watchers.forEach((onRefused) => onRefused());
  throw new Refusal(message, response.status, found?.error?.code);
}

export async function json(path, options) {
  return (await request(path, options)).json();
}

/** Yield the data of each server-sent event of a path, parsed. */
export async function* events(path, options) {
  const response = await request(path, options);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text = (text + value).replaceAll('\r\n', '\n');
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const found = parsed(text.slice(0, end));
        text = text.slice(end + 2);
        if (found) yield found;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function parsed(block) {
  let name = 'message';
  const data = [];
  for (const line of block.split('\n')) {
    if (line.startsWith('event:')) name = line.slice(6).trim();
    if (line.startsWith('data:')) data.push(line.slice(5).trimStart());
  }
  if (!data.length) return null;
  try {
    return { name, data: JSON.parse(data.join('\n')) };
  } catch {
    return null;
  }
}

/** Save what a path gives under a name. The token goes along, so a plain link does not do. */
export async function download(path, name) {
  const blob = await (await request(path)).blob();
  save(blob, name);
}

export function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The address of a WebSocket of this server. */
export function socketAddress(path) {
  const address = new URL(path, location.href);
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  address.hash = '';
  return address.href;
}
