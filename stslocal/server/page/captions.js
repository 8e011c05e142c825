// A column of captions: committed text, which only grows, and partial words behind it.

import { kept } from './settings.js';

const PARAGRAPH = 220;
const MOST_PARAGRAPHS = 400;
const SENTENCE_END = /[.!?…。！？।؟]["'”’»)]*\s*$/u;

export class Captions {
  /** `root` has the elements `.committed` and `.partial`; `key` is where a reload finds the text. */
  constructor(root, key) {
    this.root = root;
    this.key = key;
    this.committed = root.querySelector('.committed');
    this.partial = root.querySelector('.partial');
    this.paragraphs = [];
    this.following = true;
    root.addEventListener('scroll', () => {
      this.following = root.scrollHeight - root.scrollTop - root.clientHeight < 60;
    });
    new ResizeObserver(() => this.follow()).observe(root);
    this.restore();
  }

  restore() {
    let texts = [];
    try {
      texts = JSON.parse(kept.read(this.key) ?? '[]');
    } catch {
      // damaged: begin without text
    }
    if (!Array.isArray(texts)) return;
    texts.filter((text) => typeof text === 'string').forEach((text) => this.begin(text));
    this.mark();
  }

  begin(text) {
    const element = document.createElement('p');
    element.textContent = text;
    this.committed.append(element);
    this.paragraphs.push(text);
    if (this.paragraphs.length > MOST_PARAGRAPHS) {
      this.paragraphs.shift();
      this.committed.firstElementChild.remove();
    }
  }

  /** Add text as the server sends it: spaces are its own. */
  add(delta) {
    if (!delta) return;
    const last = this.paragraphs.at(-1);
    if (last === undefined || this.broken || (last.length > PARAGRAPH && SENTENCE_END.test(last))) {
      this.broken = false;
      this.begin(delta.trimStart());
    } else {
      const element = this.committed.lastElementChild;
      element.append(delta);
      this.paragraphs[this.paragraphs.length - 1] = last + delta;
    }
    this.show('');
    this.mark();
    this.keep();
  }

  /** Show words that may still change. */
  show(text) {
    this.partial.textContent = text;
    this.follow();
  }

  /** What comes next begins a paragraph: a new session, a new speaker. */
  breakParagraph() {
    this.broken = this.paragraphs.length > 0;
    this.show('');
  }

  /** What comes next is said by somebody else. */
  beginSpeaker(name) {
    this.breakParagraph();
    const label = document.createElement('p');
    label.className = 'speaker';
    label.textContent = name;
    this.committed.append(label);
    this.broken = true;
  }

  setLanguage(code) {
    const right = ['ar', 'fa', 'he', 'ur', 'ps', 'yi', 'sd', 'ckb', 'ug'].includes(code);
    this.committed.lang = code;
    this.partial.lang = code;
    this.committed.dir = right ? 'rtl' : 'auto';
    this.partial.dir = right ? 'rtl' : 'auto';
  }

  clear() {
    this.paragraphs = [];
    this.committed.replaceChildren();
    this.show('');
    this.mark();
    this.keep();
  }

  get text() {
    return this.paragraphs.join('\n\n');
  }

  mark() {
    this.root.classList.toggle('empty', this.paragraphs.length === 0);
    this.follow();
  }

  /** Scroll to the newest words, unless the person has scrolled up to read. */
  follow() {
    if (this.following) this.root.scrollTop = this.root.scrollHeight;
  }

  keep() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keepNow(), 300);
  }

  keepNow() {
    clearTimeout(this.timer);
    kept.write(this.key, JSON.stringify(this.paragraphs));
  }
}
