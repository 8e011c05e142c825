// The tabs, as screen readers and keyboards expect them: arrows move, Home and End jump.

import { kept } from './settings.js';

export function startTabs(onShow) {
  const tabs = [...document.querySelectorAll('[role="tab"]')];
  const named = (name) => tabs.find((tab) => tab.getAttribute('aria-controls') === name);

  function show(tab, { focus = false } = {}) {
    for (const each of tabs) {
      const chosen = each === tab;
      each.setAttribute('aria-selected', String(chosen));
      each.tabIndex = chosen ? 0 : -1;
      document.getElementById(each.getAttribute('aria-controls')).hidden = !chosen;
    }
    if (focus) tab.focus();
    const name = tab.getAttribute('aria-controls');
    kept.write('tab', name);
    onShow(name);
  }

  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener('click', () => show(tab));
    tab.addEventListener('keydown', (event) => {
      const to = {
        ArrowRight: (index + 1) % tabs.length,
        ArrowLeft: (index + tabs.length - 1) % tabs.length,
        Home: 0,
        End: tabs.length - 1,
      }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      show(tabs[to], { focus: true });
    });
  }
  return (name) => show(named(name) ?? tabs[0]);
}
