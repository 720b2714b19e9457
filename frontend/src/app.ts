import { Met, fetched } from './coming';
import './htmx';
import './islands/toast';
import './islands/theme';
import './islands/dialog';
import './islands/once';
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

/** What other elements are given when the first of their kind is on the page. */
const given = [
  new Met('[data-sort-url],[data-sort]', () => import('./islands/board').then((module) => module.sortable)),
  new Met('[data-when]', () => import('./islands/when').then((module) => module.watch)),
  new Met('textarea[data-sms]', () => import('./islands/sms').then((module) => module.count)),
  new Met('[data-boxes]', () => import('./islands/boxes').then((module) => module.many)),
  new Met('details[data-folded]', () => import('./islands/boxes').then((module) => module.folded)),
];

const woken = new Map<string, Promise<void>>();

function wake(name: string): Promise<void> {
  const done = woken.get(name) ?? fetched(name, async () => customElements.define(name, await lazy[name]!()));
  woken.set(name, done);
  return done;
}

function look(root: ParentNode): void {
  edges(root);
  for (const name of Object.keys(lazy)) if (!woken.has(name) && root.querySelector(name)) void wake(name);
  for (const met of given) met.look(root);
}

look(document);
document.addEventListener('htmx:load', () => look(document));
// Cells and dialogs are filled by hand as well: whatever enters the page is looked at.
new MutationObserver(() => look(document)).observe(document.body, { childList: true, subtree: true });
