import './htmx';
import './islands/toast';
import './islands/theme';
import './islands/dialog';
import './islands/menu';
import './islands/tabs';
import './islands/amount';
import './islands/small';
import './islands/shortcuts';
import './islands/validity';
import { Composer } from './islands/composer';
import { edges } from './islands/edges';
import { List } from './islands/list';
import { Live } from './islands/live';
import { Palette } from './islands/palette';
import { Place } from './islands/place';

customElements.define('pv-palette', Palette);
customElements.define('pv-list', List);
customElements.define('pv-place', Place);
customElements.define('pv-live', Live);
customElements.define('pv-composer', Composer);

/** Islands that are fetched when the first element of their name is on the page. */
const lazy: Record<string, () => Promise<CustomElementConstructor>> = {
  'pv-board': () => import('./islands/board').then((module) => module.Board),
  'pv-chart': () => import('./islands/chart').then((module) => module.Chart),
  'pv-calendar': () => import('./islands/planner').then((module) => module.Calendar),
  'pv-hours': () => import('./islands/hours').then((module) => module.Hours),
  'pv-date': () => import('./islands/date').then((module) => module.DateField),
  'pv-picker': () => import('./islands/picker').then((module) => module.Picker),
  'pv-filter': () => Promise.all([import('./islands/filter'), wake('pv-date'), wake('pv-picker')]).then(([module]) => module.Filter),
  'pv-layout': () => import('./islands/layout').then((module) => module.Layout),
  'pv-repeat': () => import('./islands/repeat').then((module) => module.Repeat),
};

/** Islands whose script is on its way. */
const coming = new Set<string>();

async function wake(name: string): Promise<void> {
  const load = lazy[name];
  if (!load) return;
  delete lazy[name];
  coming.add(name);
  customElements.define(name, await load());
  coming.delete(name);
}

// What is pressed in an island that has not come yet is pressed once it has.
document.addEventListener(
  'click',
  (event) => {
    const pressed = event.target as HTMLElement;
    const island = pressed.closest(':not(:defined)');
    if (!island || !coming.has(island.localName)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void customElements.whenDefined(island.localName).then(() => pressed.click());
  },
  true,
);

function look(root: ParentNode): void {
  edges(root);
  for (const name of Object.keys(lazy)) if (root.querySelector(name)) void wake(name);
  for (const list of root.querySelectorAll<HTMLElement>('[data-sort-url]:not([data-sorted]),[data-sort]:not([data-sorted])')) {
    list.dataset.sorted = '';
    void import('./islands/board').then((module) => module.sortable(list));
  }
  for (const field of root.querySelectorAll<HTMLElement>('[data-when]:not([data-watched])')) {
    field.dataset.watched = '';
    void import('./islands/when').then((module) => module.watch(field));
  }
  for (const area of root.querySelectorAll<HTMLTextAreaElement>('textarea[data-sms]:not([data-counted])')) {
    area.dataset.counted = '';
    void import('./islands/sms').then((module) => module.count(area));
  }
  for (const list of root.querySelectorAll<HTMLElement>('[data-boxes]:not([data-searched])')) {
    list.dataset.searched = '';
    void import('./islands/boxes').then((module) => module.many(list));
  }
  for (const details of root.querySelectorAll<HTMLDetailsElement>('details[data-folded]:not([data-told])')) {
    details.dataset.told = '';
    void import('./islands/boxes').then((module) => module.folded(details));
  }
}

look(document);
document.addEventListener('htmx:load', () => look(document));
// Cells and dialogs are filled by hand as well: whatever enters the page is looked at.
new MutationObserver(() => look(document)).observe(document.body, { childList: true, subtree: true });
