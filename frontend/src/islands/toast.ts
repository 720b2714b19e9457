import { h, icon, typing } from '../dom';
import htmx from '../htmx';
import { post } from '../http';
import { t } from '../strings';

export interface Toast {
  text: string;
  undo?: string;
  kind?: 'bad' | 'good';
}
const LIFE = 8000;
/** Where another page is put, as the server's own `HX-Location` has it. */
const MAIN = { target: '#main', select: '#main', swap: 'outerHTML' } as const;

function shelf(): HTMLElement {
  const found = document.getElementById('toasts');
  if (found) return found;
  // A manual popover lies in the top layer, so that a toast is seen above an open dialog.
  const made = h('div', { id: 'toasts', class: 'toasts', role: 'status', 'aria-live': 'polite', popover: 'manual' });
  document.body.append(made);
  return made;
}

/** What could be taken back last; a key takes it back even when its toast is gone. */
let last: { url: string; close: () => void } | null = null;

/** Says something for 8 seconds at inline-start; with `undo`, offers to post that address. */
export function toast({ text, undo, kind }: Toast): HTMLElement {
  const place = shelf();
  const close = () => {
    clearTimeout(timer);
    element.remove();
    if (!place.childElementCount) place.hidePopover?.();
  };
  const element = h(
    'div',
    { class: `toast ${kind ?? ''}` },
    icon(kind === 'bad' ? 'alert' : 'check'),
    h('span', { class: 'grow' }, text),
    undo &&
      h('button', { type: 'button', onclick: () => void take(undo, close) }, t('undo')),
    h('button', { type: 'button', class: 'x', 'aria-label': t('close'), onclick: close }, icon('x', 'i-sm')),
  );
  if (undo) last = { url: undo, close };
  let timer = setTimeout(close, LIFE);
  const pause = () => clearTimeout(timer);
  const resume = () => (timer = setTimeout(close, LIFE));
  element.addEventListener('pointerenter', pause);
  element.addEventListener('pointerleave', resume);
  element.addEventListener('focusin', pause);
  element.addEventListener('focusout', resume);
  place.hidePopover?.();
  place.append(element);
  place.showPopover?.();
  return element;
}

async function go(path: string): Promise<void> {
  await htmx.ajax('get', path, MAIN);
  history.pushState({ htmx: true }, '', path);
}

async function take(url: string, close: () => void): Promise<void> {
  last = null;
  const answer = await post(url, {}).catch(() => null);
  close();
  // A server that has its own words said them by a toast already.
  const told = answer?.headers.get('HX-Trigger')?.includes('toast');
  if (answer?.ok) {
    const way = answer.headers.get('HX-Location');
    if (way) return go((JSON.parse(way) as { path: string }).path);
    if (!told) toast({ text: t('undone'), kind: 'good' });
    document.dispatchEvent(new CustomEvent('pv:undone', { detail: { url } }));
  } else if (!told) toast({ text: t('failed'), kind: 'bad' });
}

for (const name of ['toast', 'pv:toast'])
  document.addEventListener(name, (event) => {
    const detail = (event as CustomEvent<Toast | { value: string }>).detail;
    toast('value' in detail ? { text: detail.value } : detail);
  });

document.addEventListener('keydown', (event) => {
  if (event.code !== 'KeyZ' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  // In a text the key belongs to the text.
  if (!last || typing(event)) return;
  event.preventDefault();
  void take(last.url, last.close);
});
