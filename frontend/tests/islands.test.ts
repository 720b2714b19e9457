import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { latin, local } from '../src/digits';
import { amountOf, grouped } from '../src/islands/amount';
import { Board } from '../src/islands/board';
import { Filter } from '../src/islands/filter';
import { List } from '../src/islands/list';
import { Picker } from '../src/islands/picker';
import { Repeat } from '../src/islands/repeat';
import '../src/islands/tabs';
import { toast } from '../src/islands/toast';
import english from '../src/strings.json';
import { keys, t } from '../src/strings';

const posts: { url: string; body: string; token: string | undefined }[] = [];
let answer = 204;
let server: Server;
let origin = '';

beforeAll(async () => {
  customElements.define('pv-board', Board);
  customElements.define('pv-filter', Filter);
  customElements.define('pv-picker', Picker);
  customElements.define('pv-list', List);
  customElements.define('pv-repeat', Repeat);
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      posts.push({ url: request.url ?? '', body, token: request.headers['x-csrftoken'] as string | undefined });
      response.writeHead(answer).end();
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  // Node's own fetch needs whole addresses.
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  document.head.innerHTML = '<meta name="csrf-token" content="secret">';
});
afterAll(() => void server.close());
afterEach(() => {
  document.body.replaceChildren();
  posts.length = 0;
  answer = 204;
});

const press = (target: Element, key: string, options: KeyboardEventInit = {}) =>
  target.dispatchEvent(new KeyboardEvent('keydown', { key, code: key.length === 1 ? `Key${key.toUpperCase()}` : key, bubbles: true, cancelable: true, ...options }));
const all = <T extends HTMLElement>(selector: string) => [...document.querySelectorAll<T>(selector)];

describe('words', () => {
  it('fills values and leaves what it does not know', () => {
    expect(t('selected', { n: 4 })).toBe('4 selected');
    expect(t('card_over', { card: 'A' })).toContain('{stage}');
    expect(keys).toEqual(Object.keys(english));
  });
  it('turns digits both ways', () => {
    expect(latin('۱۴۰۵/٨/30')).toBe('1405/8/30');
    expect(local('1405', 'fa')).toBe('۱۴۰۵');
    expect(local('1405', 'en')).toBe('1405');
  });
});

describe('a list', () => {
  const rows = [1, 2, 3].map((n) => `<tr data-id="${n}"><td class="sel"><input type="checkbox" name="ids" value="${n}"></td></tr>`).join('');
  const page = `<pv-list data-total="12"><table><thead><tr><th class="sel"><input type="checkbox" data-select-all></th></tr></thead><tbody>${rows}</tbody></table>
    <form data-bulk hidden><span data-bulk-count></span><button type="button" data-bulk-match></button><input type="hidden" name="all"><button type="button" data-bulk-clear></button></form></pv-list>`;
  const bar = () => document.querySelector<HTMLElement>('[data-bulk]')!;
  const chosen = () => all<HTMLInputElement>('[name=ids]').filter((box) => box.checked).map((box) => box.value);

  it('moves and chooses by keys, whatever the keyboard writes', () => {
    document.body.innerHTML = page;
    press(document.body, 'ت', { code: 'KeyJ' });
    press(document.activeElement!, 'j');
    press(document.activeElement!, 'ط', { code: 'KeyX' });
    expect(chosen()).toEqual(['2']);
    expect(bar().hidden).toBe(false);
    expect(bar().querySelector('[data-bulk-count]')!.textContent).toBe('1 selected');
    press(document.activeElement!, 'Escape');
    expect(chosen()).toEqual([]);
    expect(bar().hidden).toBe(true);
  });
  it('chooses all that match, and forgets it when one is left out', () => {
    document.body.innerHTML = page;
    const head = document.querySelector<HTMLInputElement>('[data-select-all]')!;
    head.click();
    expect(chosen()).toEqual(['1', '2', '3']);
    document.querySelector<HTMLElement>('[data-bulk-match]')!.click();
    const flag = document.querySelector<HTMLInputElement>('[name=all]')!;
    expect(flag.value).toBe('1');
    expect(bar().textContent).toContain('All 12 selected');
    all<HTMLInputElement>('[name=ids]')[0]!.click();
    expect(flag.value).toBe('');
    expect(head.indeterminate).toBe(true);
  });
});

describe('a board by keys', () => {
  const page = () => `<pv-board data-move-url="${origin}/move"><div class="board">
    <section class="col" data-stage="a" data-name="A"><div class="cards"><article class="deal" data-card="1" tabindex="0"><h3>One</h3></article><article class="deal" data-card="2" tabindex="0"></article></div></section>
    <section class="col" data-stage="b" data-name="B"><div class="cards"><article class="deal" data-card="3" tabindex="0"></article></div></section></div>
    <div class="drops" hidden><div class="drop" data-stage="won"></div></div></pv-board>`;
  const order = () => all('.cards').map((lane) => [...lane.children].map((card) => (card as HTMLElement).dataset.card).join(''));
  const card = (n: number) => document.querySelector<HTMLElement>(`[data-card="${n}"]`)!;

  it('posts the place where the card was dropped', async () => {
    document.body.innerHTML = page();
    card(1).focus();
    press(card(1), ' ');
    expect(document.querySelector<HTMLElement>('.drops')!.hidden).toBe(false);
    press(card(1), 'ArrowRight');
    expect(order()).toEqual(['2', '13']);
    expect(document.querySelector('[role=status]')!.textContent).toBe('One: B, place 1 of 2');
    press(card(1), 'ArrowDown');
    press(card(1), ' ');
    await vi.waitFor(() => expect(posts).toHaveLength(1));
    expect(posts[0]).toEqual({ url: '/move', body: 'card=1&stage=b&from=a&before=&after=3', token: 'secret' });
    expect(order()).toEqual(['2', '31']);
  });
  it('puts the card back on Escape and on a refusal', async () => {
    document.body.innerHTML = page();
    press(card(1), ' ');
    press(card(1), 'ArrowRight');
    press(card(1), 'Escape');
    expect(order()).toEqual(['12', '3']);
    answer = 403;
    press(card(1), ' ');
    press(card(1), 'ArrowRight');
    press(card(1), ' ');
    await vi.waitFor(() => expect(order()).toEqual(['12', '3']));
    expect(posts).toHaveLength(1);
    expect(document.querySelector('.toast.bad')).not.toBeNull();
  });
  it('takes an ended card away', async () => {
    document.body.innerHTML = page();
    press(card(2), ' ');
    press(card(2), 'ArrowRight');
    press(card(2), 'ArrowRight');
    press(card(2), ' ');
    await vi.waitFor(() => expect(order()).toEqual(['1', '3']));
    expect(posts[0]!.body).toBe('card=2&stage=won&from=a&before=&after=');
  });
});

describe('the filter builder', () => {
  const fields = {
    fields: [
      { key: 'name', label: 'Name', type: 'text', operators: [{ key: 'contains', label: 'has', value: 'one' }, { key: 'empty', label: 'is empty', value: 'none' }] },
      { key: 'amount', label: 'Amount', type: 'money', operators: [{ key: 'between', label: 'between', value: 'two' }] },
    ],
  };
  const value = { and: [{ field: 'name', op: 'contains', value: 'کاشی' }, { or: [{ field: 'amount', op: 'between', value: [1, 2] }] }] };
  const make = async (given: unknown, known: unknown[] = fields.fields) => {
    document.body.innerHTML = `<script type="application/json" id="ff">${JSON.stringify({ ...fields, fields: known })}</script><pv-filter name="filter" data-fields="ff" value='${given ? JSON.stringify(given) : ''}'></pv-filter>`;
    await vi.waitFor(() => expect(all('.flt-r').length).toBeGreaterThan(0));
    return document.querySelector<HTMLInputElement>('input[name=filter]')!;
  };

  it('gives back the condition it was given', async () => {
    expect(JSON.parse((await make(value)).value)).toEqual(value);
  });
  it('opens negated groups and conditions, and negates what is chosen', async () => {
    const some = { field: 'name', op: 'empty', value: null };
    const given = { and: [{ not: { or: [some, some] } }, { not: { and: [some, some] } }, { not: some }] };
    const output = await make(given);
    expect(JSON.parse(output.value)).toEqual(given);
    const joins = all<HTMLSelectElement>('.join select');
    expect(joins.map((join) => join.value)).toEqual(['and', 'nor', 'nand', 'nor']);
    joins[0]!.value = 'nor';
    joins[0]!.dispatchEvent(new Event('change'));
    expect(JSON.parse(output.value)).toEqual({ not: { or: given.and } });
  });
  it('searches among many fields', async () => {
    const operators = [{ key: 'is', label: 'is', value: 'one' }];
    const many = [...Array(20).keys()].map((n) => ({ key: `f${n}`, label: n === 17 ? 'شماره‌ی پروانه' : `Field ${n}`, type: 'text', operators }));
    const output = await make({ field: 'f0', op: 'is', value: 'x' }, many);
    const picker = document.querySelector<Picker>('pv-picker.which')!;
    expect(picker.querySelector('[data-drop]')).toBeNull();
    const box = picker.querySelector<HTMLInputElement>('input[role=combobox]')!;
    box.value = 'شماره ي';
    box.dispatchEvent(new Event('input'));
    await vi.waitFor(() => expect(picker.querySelectorAll('[role=option]').length).toBe(1));
    picker.querySelector('[role=option]')!.dispatchEvent(new Event('pointerdown', { bubbles: true, cancelable: true }));
    document.querySelector<HTMLInputElement>('.val input')!.value = 'y';
    document.querySelector('.val input')!.dispatchEvent(new Event('input', { bubbles: true }));
    expect(JSON.parse(output.value)).toEqual({ and: [{ field: 'f17', op: 'is', value: 'y' }] });
  });
  it('takes the place of a select, and finds among its options by their groups too', async () => {
    document.body.innerHTML =
      '<form><pv-picker><select id="m1" name="m" aria-label="Measure"><option value="">Choose</option><optgroup label="Sales"><option value="a">Revenue</option></optgroup><optgroup label="Leads"><option value="b" selected>New</option></optgroup></select></pv-picker></form>';
    const picker = document.querySelector<Picker>('pv-picker')!;
    const value = () => new FormData(document.querySelector('form')!).getAll('m');
    expect(value()).toEqual(['b']);
    const box = picker.querySelector<HTMLInputElement>('input[role=combobox]')!;
    expect([box.id, box.ariaLabel ?? box.getAttribute('aria-label')]).toEqual(['m1', 'Measure']);
    const changed = vi.fn();
    document.querySelector('form')!.addEventListener('change', changed);
    box.focus();
    box.value = 'sal';
    box.dispatchEvent(new Event('input', { bubbles: true }));
    await vi.waitFor(() => expect(picker.querySelectorAll('[role=option]').length).toBe(1));
    picker.querySelector('[role=option]')!.dispatchEvent(new Event('pointerdown', { bubbles: true, cancelable: true }));
    expect(value()).toEqual(['a']);
    expect(changed).toHaveBeenCalledOnce();
    picker.querySelector<HTMLElement>('[data-drop]')!.click();
    expect(value()).toEqual(['']);
    expect(box.placeholder).toBe('Choose');
  });
  it('keeps the list of a picker shut once something was chosen, until it is asked for', async () => {
    document.body.innerHTML = '<pv-picker name="company"></pv-picker>';
    const picker = document.querySelector<Picker>('pv-picker')!;
    picker.options = [
      { id: '1', label: 'آوند' },
      { id: '2', label: 'باران' },
    ];
    const box = picker.querySelector<HTMLInputElement>('input[role=combobox]')!;
    box.focus();
    await vi.waitFor(() => expect(picker.querySelectorAll('[role=option]').length).toBe(2));
    picker.querySelector('[role=option]')!.dispatchEvent(new Event('pointerdown', { bubbles: true, cancelable: true }));
    await new Promise((done) => setTimeout(done));
    expect([picker.value, document.activeElement === box, box.ariaExpanded]).toEqual([['1'], true, 'false']);
    picker.querySelector<HTMLElement>('.pick')!.click();
    await vi.waitFor(() => expect(box.ariaExpanded).toBe('true'));
  });
  it('leaves unfinished conditions out and reads numbers in any digits', async () => {
    const output = await make(null);
    expect(output.value).toBe('');
    const [field] = all<HTMLSelectElement>('.flt-r select');
    field!.value = 'amount';
    field!.dispatchEvent(new Event('change'));
    const [from, to] = all<HTMLInputElement>('.flt-r input');
    from!.value = '۱٬۵۰۰';
    from!.dispatchEvent(new Event('input'));
    expect(output.value).toBe('');
    to!.value = '2,000';
    to!.dispatchEvent(new Event('input'));
    expect(JSON.parse(output.value)).toEqual({ and: [{ field: 'amount', op: 'between', value: [1500, 2000] }] });
  });
  it('keeps the form open and says at a condition that its value is not understood', async () => {
    const amount = { key: 'amount', label: 'Amount', type: 'money', unit: 'toman', operators: [{ key: 'gt', label: '>', value: 'one' }] };
    const output = await make({ field: 'amount', op: 'gt', value: 5 }, [amount]);
    const form = document.createElement('form');
    const filter = document.querySelector('pv-filter')!;
    filter.replaceWith(form);
    form.append(filter);
    await vi.waitFor(() => expect(all('.flt-r').length).toBe(1));
    const send = () => form.dispatchEvent(new SubmitEvent('submit', { bubbles: true, cancelable: true }));
    const type = (text: string) => {
      const input = document.querySelector<HTMLInputElement>('.val input')!;
      input.value = text;
      input.dispatchEvent(new Event('input'));
    };
    type('خیلی زیاد');
    expect(send()).toBe(false);
    expect(all('.flt-r .err').map((place) => place.textContent)).toEqual(['“خیلی زیاد” is not a number']);
    type('۵۰۰ ميليون toman');
    expect(send()).toBe(true);
    expect(all<HTMLElement>('.flt-r .err')[0]!.hidden).toBe(true);
    expect(JSON.parse(document.querySelector<HTMLInputElement>('input[name=filter]')!.value)).toEqual({ and: [{ field: 'amount', op: 'gt', value: 500_000_000 }] });
    expect(output.isConnected).toBe(false);
    all<HTMLButtonElement>('.flt-a button')[0]!.click();
    expect(send(), 'a condition that nobody began is left out').toBe(true);
    [...all('.flt-r')[1]!.querySelectorAll('select')].at(-1)!.dispatchEvent(new Event('change'));
    expect(send()).toBe(false);
    expect(all('.flt-r .err').map((place) => place.textContent)).toEqual(['', 'Write or choose a value, or remove this condition']);
  });
  it('asks for no value where the operator takes none', async () => {
    const output = await make(null);
    const operator = all<HTMLSelectElement>('.flt-r select')[1]!;
    operator.value = 'empty';
    operator.dispatchEvent(new Event('change'));
    expect(all('.flt-r input')).toHaveLength(0);
    expect(JSON.parse(output.value)).toEqual({ and: [{ field: 'name', op: 'empty', value: null }] });
  });
});

it('reads amounts as people write them', () => {
  const written = ['۱٬۵۰۰', '3.5 billion', '۳٫۵ میلیارد تومان', '-2k', '12 apples', '', '1.2.3', '٢ میلیون ریال'];
  expect(written.map((text) => amountOf(text, 'تومان'))).toEqual([1500, 3.5e9, 3.5e9, -2000, undefined, undefined, undefined, undefined]);
});

it('groups an amount while it is typed, and keeps the place of the caret', () => {
  expect(['1250000', '۱۲۵۰۰۰۰٫5', '-1٬2', 'ده میلیون'].map((text) => grouped(text, 'fa'))).toEqual(['۱٬۲۵۰٬۰۰۰', '۱٬۲۵۰٬۰۰۰٫۵', '-۱۲', null]);
  expect(grouped('۵۵۵۰۰۰۰۰۰', 'en')).toBe('555,000,000');
  document.body.innerHTML = '<input data-amount value="1,2950">';
  const input = document.querySelector('input')!;
  input.setSelectionRange(4, 4);
  input.dispatchEvent(new Event('input', { bubbles: true }));
  expect([input.value, input.selectionStart]).toEqual(['12,950', 4]);
});

it('takes a price from the product that was chosen and adds the lines up', () => {
  document.body.innerHTML = `<pv-repeat><template></template><div class="rep"><i></i><input name="l-0-quantity" value="۳"><input name="l-0-price"><input name="l-0-discount" value="10"><output></output></div>
    <div class="rep"><input name="l-1-quantity"><input name="l-1-price" value="۱٬۰۰۰"><input name="l-1-discount"><output></output></div><p><output data-sum="total"></output></p></pv-repeat>`;
  const [first, second, sum] = all<HTMLOutputElement>('output');
  expect([first!.value, second!.value, sum!.value]).toEqual(['', '1,000', '1,000']);
  document.querySelector('i')!.dispatchEvent(new CustomEvent('fill', { bubbles: true, detail: { price: '۱۲۵٬۰۰۰' } }));
  expect([first!.value, sum!.value]).toEqual(['337,500', '338,500']);
});

it('tells a paper before discount and tax, and what both make of it', () => {
  document.body.innerHTML = `<form><input name="discount" value="۱۰"><pv-repeat><template></template><div class="rep"><input name="l-0-quantity" value="2"><input name="l-0-price" value="1,000"><input name="l-0-discount" value="50"><input name="l-0-tax" placeholder="10" data-listed="10"><output></output></div>
    <p>${['gross', 'reduced', 'tax', 'total'].map((name) => `<output data-sum="${name}"></output>`).join('')}</p></pv-repeat></form>`;
  const shown = () => all<HTMLOutputElement>('output').map((one) => one.value);
  expect(shown()).toEqual(['2,000', '2,000', '1,100', '90', '990']);
  const whole = document.querySelector<HTMLInputElement>('[name=discount]')!;
  whole.value = '';
  whole.dispatchEvent(new Event('input', { bubbles: true }));
  expect(shown()).toEqual(['2,000', '2,000', '1,000', '100', '1,100']);
});

it('repeats rows with running numbers and keeps one primary', () => {
  document.body.innerHTML = `<pv-repeat data-max="2" data-count="n"><input type="hidden" name="n" value="1"><template><div class="rep"><input name="p-__n__"><label class="star"><input type="radio" name="primary" value="__n__"></label><button type="button" data-remove></button></div></template>
    <div class="rep"><input name="p-0"><label class="star"><input type="radio" name="primary" value="0" checked></label><button type="button" data-remove></button></div><button type="button" data-add></button></pv-repeat>`;
  const add = document.querySelector<HTMLButtonElement>('[data-add]')!;
  add.click();
  expect(document.querySelector('[name=p-1]')).not.toBeNull();
  expect(document.querySelector<HTMLInputElement>('[name=n]')!.value).toBe('2');
  expect(add.disabled).toBe(true);
  all('[data-remove]')[0]!.click();
  expect(document.querySelector('[name=p-0]')).toBeNull();
  expect(document.querySelector<HTMLInputElement>('[name=primary]:checked')?.value).toBe('1');
  expect(add.disabled).toBe(false);
});

it('shows the panel of the chosen tab', () => {
  document.body.innerHTML = `<div role="tablist"><button role="tab" aria-controls="a" aria-selected="true"></button><button role="tab" aria-controls="b"></button></div><div id="a"></div><div id="b" hidden></div>`;
  press(all('[role=tab]')[0]!, 'ArrowRight');
  expect(document.getElementById('a')!.hidden).toBe(true);
  expect(document.getElementById('b')!.hidden).toBe(false);
});

it('undoes from a toast by posting', async () => {
  const element = toast({ text: 'Deleted', undo: `${origin}/undo/7` });
  expect(element.textContent).toContain('Deleted');
  element.querySelector('button')!.click();
  await vi.waitFor(() => expect(posts[0]?.url).toBe('/undo/7'));
  await vi.waitFor(() => expect(element.isConnected).toBe(false));
});
