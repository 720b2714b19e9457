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
    // A discount on the whole paper stands elsewhere in its form.
    this.closest('form')?.addEventListener('input', (event) => {
      if (!this.contains(event.target as Node)) this.reckon();
    });
    this.limit();
    this.reckon();
    if (this.sum('tax')) for (const row of this.rows()) void this.taxed(row);
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
    if (!price) return;
    price.placeholder = price.dataset.empty ??= price.placeholder;
    delete price.dataset.listed;
    const tax = box('tax');
    if (tax) {
      tax.placeholder = tax.dataset.empty ??= tax.placeholder;
      delete tax.dataset.listed;
    }
    this.reckon();
    const [id] = picker.value;
    const listed = await this.listed(row, picker, id);
    if (!listed || picker.value[0] !== id) return;
    if (listed.price) price.placeholder = price.dataset.listed = listed.price;
    if (tax && listed.tax) tax.placeholder = tax.dataset.listed = listed.tax;
    this.reckon();
  }

  /** A line that came with its product, and whose tax nobody wrote, has that of the product. */
  private async taxed(row: HTMLElement): Promise<void> {
    const picker = row.querySelector<Picker>('pv-picker');
    const tax = row.querySelector<HTMLInputElement>('input[name$="-tax"]');
    if (!picker || !tax || tax.value || tax.dataset.listed) return;
    const listed = await this.listed(row, picker, picker.querySelector<HTMLInputElement>('input[type=hidden]')?.value);
    if (!listed?.tax || tax.dataset.listed) return;
    tax.placeholder = tax.dataset.listed = listed.tax;
    this.reckon();
  }

  /** What the chosen product costs for whom the form names, and the rate of its tax; null where nobody knows. */
  private async listed(row: HTMLElement, picker: Picker, id?: string): Promise<{ price: string; tax: string } | null> {
    if (!id) return null;
    const said = (name: string) => this.closest('form')?.querySelector<HTMLInputElement>(`input[name="${name}"]`)?.value ?? '';
    const quantity = row.querySelector<HTMLInputElement>('input[name$="-quantity"]')?.value ?? '';
    const asked = { ...Object.fromEntries(['company', 'price_list', 'issued_on'].map((name) => [name, said(name)])), quantity };
    const answer = await get(withQuery(new URL(`${id}/price`, new URL(picker.dataset.url ?? '', location.href)).pathname, asked)).catch(() => null);
    return answer?.ok ? ((await answer.json()) as { price: string; tax: string }) : null;
  }

  private sum = (name: string) => this.querySelector<HTMLOutputElement>(`output[data-sum="${name}"]`);

  /** What rows of a quantity, a price and a discount come to while they are typed. A paper's rows are told before discount and
   * tax, and its sums say what comes off and upon them; the server reckons all of it again. */
  private reckon(): void {
    const total = this.sum('total');
    if (!total) return;
    const isPaper = this.sum('gross') !== null;
    const show = (amount: number) =>
      new Intl.NumberFormat(lang() === 'fa' ? 'fa-IR' : 'en-US', { maximumFractionDigits: 2 }).format(amount);
    const number = (input: HTMLInputElement | null | undefined, empty: number) => {
      const text = latin(input?.value.trim() || (input?.dataset.listed ?? ''));
      return text ? Number(text.replace(/[٬،,\s]/g, '').replace('٫', '.')) : empty;
    };
    let [gross, rest, tax] = [0, 0, 0];
    for (const row of this.rows()) {
      const read = (name: string, empty: number) => number(row.querySelector<HTMLInputElement>(`input[name$="-${name}"]`), empty);
      const amount = read('quantity', 1) * read('price', NaN);
      const net = amount * (1 - read('discount', 0) / 100);
      const out = row.querySelector('output');
      if (out) out.value = Number.isFinite(net) ? show(isPaper ? amount : net) : '';
      if (!Number.isFinite(net)) continue;
      gross += amount;
      rest += net;
      tax += (net * (read('tax', 0) || 0)) / 100;
    }
    const onAll = (name: string) => (isPaper && number(this.closest('form')?.querySelector<HTMLInputElement>(`input[name="${name}"]`), 0)) || 0;
    const net = Math.max(0, rest - (onAll('discount_amount') || (rest * onAll('discount')) / 100));
    if (rest) tax *= net / rest;
    for (const [name, amount] of Object.entries({ gross, reduced: gross - net, tax, total: net + tax })) {
      const out = this.sum(name);
      if (out) out.value = show(amount);
    }
  }

  private limit(): void {
    const add = this.querySelector<HTMLButtonElement>('[data-add]');
    if (add) add.disabled = this.rows().length >= Number(this.dataset.max ?? Infinity);
  }
}
