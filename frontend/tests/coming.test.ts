import { afterEach, expect, it } from 'vitest';
import { Met, fetched } from '../src/coming';
import { DateField } from '../src/islands/date';

const isComing = () => document.documentElement.hasAttribute('data-coming');
const heard: string[] = [];

/** An island that hears what is done to it, and whose script comes when told. */
function late(html: string): { island: HTMLElement; arrive: () => Promise<void> } {
  document.body.innerHTML = `<div class="late">${html}</div>`;
  const island = document.querySelector<HTMLElement>('.late')!;
  let come = () => undefined as void;
  const done = fetched('.late', () =>
    new Promise<void>((ready) => (come = ready)).then(() => {
      for (const name of ['click', 'keydown', 'pointerdown'])
        island.addEventListener(name, (event) => heard.push(`${name} ${(event as KeyboardEvent).key ?? ''}`.trim()));
    }),
  );
  return { island, arrive: () => (come(), done) };
}
const key = (target: Element, name: string) =>
  target.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));

afterEach(() => {
  heard.length = 0;
  document.body.replaceChildren();
});

it('does what was pressed before a script came once it is there, in order', async () => {
  const { island, arrive } = late('<a href="/lost"><svg><use/></svg></a>');
  const link = island.querySelector('a')!;
  expect(isComing()).toBe(true);
  expect(island.querySelector('use')!.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }))).toBe(false);
  expect(key(link, 'ArrowDown')).toBe(false);
  // Enter is the browser's own: it becomes a click.
  expect(key(link, 'Enter')).toBe(true);
  island.addEventListener('click', (event) => event.preventDefault());
  await arrive();
  expect(heard).toEqual(['click', 'keydown ArrowDown']);
  expect(isComing()).toBe(false);
});

it('begins a drag only where the pointer is still down', async () => {
  for (const end of ['', 'pointerup', 'pointercancel']) {
    const { island, arrive } = late('<b></b>');
    const grip = island.querySelector('b')!;
    grip.dispatchEvent(new MouseEvent('pointerdown', { bubbles: true }));
    if (end) grip.dispatchEvent(new MouseEvent(end, { bubbles: true }));
    await arrive();
    expect(heard.splice(0)).toEqual(end ? [] : ['pointerdown']);
  }
});

it('holds nothing of what is beside it, nor of what is typed', async () => {
  const { island, arrive } = late('<input>');
  document.body.insertAdjacentHTML('beforeend', '<button>beside</button>');
  expect(key(document.querySelector('button')!, 'ArrowDown')).toBe(true);
  expect(key(island.querySelector('input')!, 'ArrowLeft')).toBe(true);
  await arrive();
  expect(heard).toEqual([]);
});

it('lets everything through where a script never came', async () => {
  document.body.innerHTML = '<p class="never"><b></b></p>';
  const failed = fetched('.never', () => Promise.reject(new Error('no network')));
  const button = document.querySelector('b')!;
  button.addEventListener('click', () => heard.push('click'));
  button.click();
  await expect(failed).rejects.toThrow('no network');
  expect(heard).toEqual(['click']);
  expect(isComing()).toBe(false);
});

it('meets each element once', async () => {
  const met = new Met('i', async () => (element: HTMLElement) => void heard.push(element.className));
  document.body.innerHTML = '<i class="a"></i>';
  met.look(document);
  met.look(document);
  document.body.insertAdjacentHTML('beforeend', '<i class="b"></i>');
  met.look(document);
  await Promise.resolve().then(() => Promise.resolve()).then(() => Promise.resolve());
  expect(heard).toEqual(['a', 'b']);
});

it('keeps a date that was being typed when its script came', () => {
  document.body.innerHTML = '<pv-date name="on" value="2026-05-01" lang="en"><input name="on" value="2026-05-01"></pv-date>';
  const plain = document.querySelector('input')!;
  plain.focus();
  plain.value = '2026-05-17';
  customElements.define('pv-date', DateField);
  const field = document.querySelector<DateField>('pv-date')!;
  expect(field.value).toBe('2026-05-17');
  expect(field.contains(document.activeElement)).toBe(true);
});
