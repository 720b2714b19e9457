import { h, icon, typing } from '../dom';
import { t, type Key } from '../strings';
import { open } from './dialog';

const PATIENCE = 1200;
let begun = '';
let timer: ReturnType<typeof setTimeout> | undefined;

/** The letter of a key by its place, so that a Persian keyboard gives the same shortcuts. */
function letter(event: KeyboardEvent): string {
  const place = event.code.match(/^Key([A-Z])$/)?.[1];
  return place ? place.toLowerCase() : event.key;
}

const keyed = () => [...document.querySelectorAll<HTMLElement>('[data-key]')];

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event)) return;
  if (event.key === '?' || event.key === '؟') {
    event.preventDefault();
    void help();
    return;
  }
  const keys = `${begun} ${letter(event)}`.trim();
  clearTimeout(timer);
  begun = '';
  const target = keyed().find((element) => element.dataset.key === keys);
  if (target) {
    event.preventDefault();
    target.click();
  } else if (keyed().some((element) => element.dataset.key?.startsWith(`${keys} `))) {
    begun = keys;
    timer = setTimeout(() => (begun = ''), PATIENCE);
  }
});

/** Shows every shortcut of this page. */
async function help(): Promise<void> {
  const line = (name: string, keys: string[]) =>
    h('div', {}, h('dt', {}, name), h('dd', {}, ...keys.map((key) => h('kbd', {}, key.length === 1 ? key.toUpperCase() : key))));
  const fixed: [Key, string[]][] = [
    ['key_search', ['/']],
    ['key_next', ['J']],
    ['key_previous', ['K']],
    ['key_select', ['X']],
    ['key_peek', ['Space']],
    ['key_open', ['Enter']],
    ['key_edit', ['E']],
    ['key_help', ['?']],
  ];
  const own = new Map(
    keyed().map((element) => [
      element.dataset.key ?? '',
      (element.dataset.keyName ?? element.getAttribute('aria-label') ?? element.querySelector('span:not(.n)')?.textContent ?? element.textContent ?? '').trim(),
    ]),
  );
  const box = h(
    'div',
    { class: 'modal-box modal-wide' },
    h(
      'header',
      { class: 'modal-h' },
      h('h2', {}, t('shortcuts')),
      h('button', { class: 'btn ghost s sq', type: 'button', 'data-close': true, 'aria-label': t('close'), autofocus: true }, icon('x')),
    ),
    h(
      'div',
      { class: 'modal-b' },
      h(
        'dl',
        { class: 'keys' },
        ...[...own].map(([keys, name]) => line(name, keys.split(' '))),
        ...fixed.map(([name, keys]) => line(t(name), keys)),
      ),
    ),
  );
  await open(box.outerHTML);
}
