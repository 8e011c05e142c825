// What the person chose, kept in this browser. A browser that keeps nothing still works.

const KEY = 'stslocal.settings';
const TOKEN = 'stslocal.token';

export const DEFAULTS = Object.freeze({
  source: '',
  target: '',
  microphone: '',
  echoCancellation: true,
  speak: true,
  volume: 1,
  textSize: 1.25,
  theme: 'auto',
  fileSource: '',
  fileTarget: '',
  fileSecond: '',
  fileOriginal: '',
  fileSpeakers: '',
  fileFormat: '',
  fileSubtitles: '',
  fileBilingual: false,
  fileReport: false,
  roomLanguage: '',
  roomName: '',
});

function read(storage, key) {
  try {
    return globalThis[storage].getItem(key);
  } catch {
    return null;
  }
}

function write(storage, key, text) {
  try {
    globalThis[storage].setItem(key, text);
  } catch {
    // private windows, full storage: the page goes on with what it has in memory
  }
}

function load() {
  const kept = { ...DEFAULTS };
  try {
    const found = JSON.parse(read('localStorage', KEY) ?? '{}');
    for (const name of Object.keys(DEFAULTS)) {
      if (typeof found[name] === typeof DEFAULTS[name]) kept[name] = found[name];
    }
  } catch {
    // what somebody wrote there by hand is left out
  }
  return kept;
}

export const settings = load();

export function change(name, value) {
  settings[name] = value;
  write('localStorage', KEY, JSON.stringify(settings));
}

let token = read('localStorage', TOKEN) ?? '';

export const givenToken = () => token;

export function setToken(text) {
  token = text.trim();
  write('localStorage', TOKEN, token);
}

/** What a tab keeps for itself: a reload finds it again, another tab does not. */
export const kept = {
  read: (key) => read('sessionStorage', `stslocal.${key}`),
  write: (key, text) => write('sessionStorage', `stslocal.${key}`, text),
};

/** Keep a form control and a setting the same, and say when the person changes it. */
export function bind(control, name, onChange = () => {}) {
  const isBox = control.type === 'checkbox';
  const isNumber = typeof DEFAULTS[name] === 'number';
  if (isBox) control.checked = settings[name];
  else control.value = String(settings[name]);
  control.addEventListener(control.type === 'range' ? 'input' : 'change', () => {
    const value = isBox ? control.checked : control.value;
    change(name, isNumber ? Number(value) : value);
    onChange(settings[name]);
  });
}
