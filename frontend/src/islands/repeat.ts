import { latin } from '../digits';
import { at } from '../dom';
import htmx from '../htmx';
import { get, withQuery } from '../http';
import { lang } from '../strings';
import { Picker } from './picker';

/** Rows of one kind (phones, addresses) that can be added and removed. */
export class Repeat extends HTMLElement {
  private next = 0;
  private readonly typed = new WeakSet<EventTarget>();

  connectedCallback(): void {
    const counter = this.counter;
    this.next = counter?.value ? Number(counter.value) : this.rows().length;
    this.addEventListener('click', (event) => {
      if (at(event, '[data-add]')) this.add();
      const row = at(event, '[data-remove]') && at(event, '.rep');
      if (row) this.drop(row);
    });
    this.addEventListener('fill', (event) => {
      const row = at(event, '.rep');
      for (const [name, value] of Object.entries((event as CustomEvent<Record<string, string>>).detail)) {
        const input = row?.querySelector<HTMLInputElement>(`input[name$="-${name}"]`);
        if (input) input.value = value;
      }
      this.reckon();
    });
    this.addEventListener('input', (event) => {
      if (event.target) this.typed.add(event.target);
      this.reckon();
    });
    this.addEventListener('change', (event) => {
      const row = at(event, '.rep.priced');
      if (row && event.target instanceof Picker) void this.priced(row, event.target);
    });
    this.limit();
    this.reckon();
  }

  private rows = () => [...this.querySelectorAll<HTMLElement>('.rep')];
  private get counter(): HTMLInputElement | null {
    return this.dataset.count ? this.querySelector(`input[name="${this.dataset.count}"]`) : null;
  }

  private add(): void {
    const template = this.querySelector('template');
    if (!template) return;
    const box = document.createElement('template');
    box.innerHTML = template.innerHTML.replaceAll('__n__', String(this.next++));
    const row = box.content.querySelector<HTMLElement>('.rep');
    const last = this.rows().at(-1) ?? template;
    if (!row) return;
    last.after(row);
    htmx.process(row);
    const star = row.querySelector<HTMLInputElement>('.star input[type=radio]');
    if (star && this.rows().length === 1) star.checked = true;
    this.changed();
    row.querySelector<HTMLElement>('input:not([type=hidden],[type=radio]),select,textarea')?.focus();
  }

  private drop(row: HTMLElement): void {
    const primary = row.querySelector<HTMLInputElement>('.star input')?.checked;
    const near = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    const first = this.rows()[0]?.querySelector<HTMLInputElement>('.star input');
    if (primary && first) first.checked = true;
    this.changed();
    near?.querySelector<HTMLElement>('input,button')?.focus();
  }

  private changed(): void {
    if (this.counter) this.counter.value = String(this.next);
    this.limit();
    this.dispatchEvent(new Event('input', { bubbles: true }));
  }

  /** A line takes the price, the words and the unit of the product that is chosen, but for what was typed by hand. */
  private async priced(row: HTMLElement, picker: Picker): Promise<void> {
    const box = (name: string) => row.querySelector<HTMLInputElement>(`input[name$="-${name}"]`);
    for (const one of [box('price'), box('description'), box('unit')]) if (one && !this.typed.has(one)) one.value = '';
    const price = box('price');
    const [id] = picker.value;
    if (!price) return;
    price.dataset.empty ??= price.placeholder;
    price.placeholder = price.dataset.empty;
    delete price.dataset.listed;
    this.reckon();
    if (!id) return;
    const said = (name: string) => this.closest('form')?.querySelector<HTMLInputElement>(`input[name="${name}"]`)?.value ?? '';
    const asked = { ...Object.fromEntries(['company', 'price_list', 'issued_on'].map((name) => [name, said(name)])), quantity: box('quantity')?.value ?? '' };
    const answer = await get(withQuery(new URL(`${id}/price`, new URL(picker.dataset.url ?? '', location.href)).pathname, asked)).catch(() => null);
    if (!answer?.ok) return;
    const { price: listed } = (await answer.json()) as { price: string };
    if (!listed || picker.value[0] !== id) return;
    price.placeholder = listed;
    price.dataset.listed = listed;
    this.reckon();
  }

  /** What rows of a quantity, a price, a discount and a tax come to, while they are typed; the server reckons them again. */
  private reckon(): void {
    const total = this.querySelector<HTMLOutputElement>('output[data-sum]');
    if (!total) return;
    const show = (amount: number) =>
      new Intl.NumberFormat(lang() === 'fa' ? 'fa-IR' : 'en-US', { maximumFractionDigits: 2 }).format(amount);
    let sum = 0;
    for (const row of this.rows()) {
      const read = (name: string, empty: number) => {
        const input = row.querySelector<HTMLInputElement>(`input[name$="-${name}"]`);
        const text = latin(input?.value.trim() || (input?.dataset.listed ?? ''));
        return text ? Number(text.replace(/[٬،,\s]/g, '').replace('٫', '.')) : empty;
      };
      const net = read('quantity', 1) * read('price', NaN) * (1 - read('discount', 0) / 100);
      const amount = net * (1 + read('tax', 0) / 100);
      const out = row.querySelector('output');
      if (out) out.value = Number.isFinite(amount) ? show(amount) : '';
      if (Number.isFinite(amount)) sum += amount;
    }
    total.value = show(sum);
  }

  private limit(): void {
    const add = this.querySelector<HTMLButtonElement>('[data-add]');
    if (add) add.disabled = this.rows().length >= Number(this.dataset.max ?? Infinity);
  }
}
