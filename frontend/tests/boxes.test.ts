import { expect, it } from 'vitest';
import { folded, many } from '../src/islands/boxes';

function drawn(): HTMLElement {
  const group = (name: string, ...words: string[]) =>
    `<div class="boxes-g"><span class="boxes-h">${name}</span><div class="boxes-o">${words
      .map((word) => `<label class="check"><input class="cb" type="checkbox" name="s" value="${name}.${word}"> ${word}</label>`)
      .join('')}</div></div>`;
  document.body.innerHTML = `<form><div class="boxes" data-boxes data-find="Find">${group('Deals', 'read', 'write')}${group('People', 'read')}</div></form>`;
  const list = document.querySelector<HTMLElement>('.boxes');
  if (!list) throw new Error('nothing was drawn');
  many(list);
  return list;
}

const chosen = () => new FormData(document.querySelector('form') ?? undefined).getAll('s');

it('ticks and clears all beneath a heading, and says when only some are', () => {
  const head = drawn().querySelector<HTMLInputElement>('.boxes-h input');
  head?.click();
  expect(chosen()).toEqual(['Deals.read', 'Deals.write']);
  document.querySelector<HTMLInputElement>('[value="Deals.read"]')?.click();
  expect([head?.checked, head?.indeterminate]).toEqual([false, true]);
  head?.click();
  head?.click();
  expect(chosen()).toEqual([]);
});

it('finds by heading or by words, and a heading ticks only what is in sight', () => {
  const list = drawn();
  const find = document.querySelector<HTMLInputElement>('input[type=search]');
  if (!find) throw new Error('no search');
  const type = (text: string) => {
    find.value = text;
    find.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const seen = () => [...list.querySelectorAll<HTMLElement>('.boxes-g')].filter((group) => !group.hidden).length;
  type('peo');
  expect(seen()).toBe(1);
  type('write');
  expect(seen()).toBe(1);
  list.querySelector<HTMLInputElement>('.boxes-h input')?.click();
  expect(chosen()).toEqual(['Deals.write']);
  type('');
  expect(seen()).toBe(2);
});

it('says in its one line what is ticked', () => {
  document.body.innerHTML =
    '<details data-folded="None"><summary><span>B</span></summary><label><input type="checkbox" value="a"> A</label><label><input type="checkbox" value="b" checked> B</label></details>';
  const details = document.querySelector('details');
  if (!details) throw new Error('nothing was drawn');
  folded(details);
  const says = () => details.querySelector('summary')?.textContent;
  details.querySelector<HTMLInputElement>('[value=a]')?.click();
  expect(says()).toBe('A, B');
  for (const box of details.querySelectorAll<HTMLInputElement>('input')) box.click();
  expect(says()).toBe('None');
});
