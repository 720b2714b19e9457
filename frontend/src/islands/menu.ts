import { at } from '../dom';
import { lift, place } from '../float';

const items = (menu: Element) =>
  [...menu.querySelectorAll<HTMLElement>('.mi,[role^=menuitem]')].filter((item) => item.offsetParent);

function close(menu: HTMLDetailsElement): void {
  menu.open = false;
  menu.querySelector('summary')?.focus();
}

// A menu inside a scroller would be cut: it is laid over the page at the place of its summary.
document.addEventListener(
  'toggle',
  (event) => {
    const menu = event.target;
    if (!(menu instanceof HTMLDetailsElement) || !menu.matches('.menu')) return;
    const panel = menu.querySelector<HTMLElement>(':scope > :not(summary)');
    if (!menu.open) {
      if (panel?.popover) lift(panel);
      return;
    }
    for (const other of document.querySelectorAll<HTMLDetailsElement>('details.menu[open]'))
      if (other !== menu && !other.contains(menu)) other.open = false;
    if (panel && menu.closest('.tabs,.fbar,.scroll,.rail,.peek,.cards,.rec,.modal')) place(panel, menu, menu.matches('.start') ? 'start' : 'end');
  },
  true,
);

document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>('details.menu[open]')) {
    const inside = menu.contains(event.target as Node);
    const chosen = at(event, '.mi,[role=menuitem]');
    if (!inside || (chosen && !chosen.matches('label,[role=menuitemcheckbox],[role=menuitemradio]'))) menu.open = false;
  }
});
document.addEventListener('keydown', (event) => {
  const menu = at<HTMLDetailsElement>(event, 'details.menu');
  if (!menu) return;
  if (event.key === 'Escape' && menu.open) {
    event.stopPropagation();
    close(menu);
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    menu.open = true;
    const list = items(menu);
    const step = event.key === 'ArrowDown' ? 1 : -1;
    const now = list.indexOf(document.activeElement as HTMLElement);
    list.at(now < 0 ? (step > 0 ? 0 : -1) : (now + step) % list.length)?.focus();
  }
});
