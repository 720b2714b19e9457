import { at, remember } from '../dom';

const root = document.documentElement;
const system = matchMedia('(prefers-color-scheme:dark)');

const chosen = () => document.cookie.match(/(?:^|; )theme=(\w+)/)?.[1] ?? 'system';

function mark(): void {
  for (const button of document.querySelectorAll<HTMLElement>('[data-theme-set]'))
    button.ariaPressed = String(button.dataset.themeSet === chosen());
}

function choose(theme: string): void {
  remember('theme', theme);
  mark();
  root.dataset.theme = theme === 'system' ? (system.matches ? 'dark' : 'light') : theme;
}

document.addEventListener('click', (event) => {
  const set = at(event, '[data-theme-set]')?.dataset.themeSet;
  if (set) choose(set);
  else if (at(event, '[data-theme-toggle]')) choose(root.dataset.theme === 'dark' ? 'light' : 'dark');
  const area = at(event, '[data-area]');
  if (area) {
    area.ariaExpanded = String(area.ariaExpanded !== 'true');
    const folded = document.querySelectorAll<HTMLElement>('[data-area][aria-expanded=false]');
    remember('folded', [...folded].map((each) => each.dataset.area).join('.'));
  }
  const rail = at(event, '[data-rail-toggle]');
  if (!rail) return;
  root.dataset.rail = root.dataset.rail === 'narrow' ? 'wide' : 'narrow';
  remember('rail', root.dataset.rail);
  rail.setAttribute('aria-expanded', String(root.dataset.rail === 'wide'));
});
system.addEventListener('change', () => {
  if (!/(?:^|; )theme=(?:light|dark)/.test(document.cookie)) choose('system');
});
mark();
