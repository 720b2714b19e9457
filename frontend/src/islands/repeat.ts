import { latin } from '../digits';
import { at } from '../dom';
import htmx from '../htmx';
import { lang } from '../strings';

/** Rows of one kind (phones, addresses) that can be added and removed. */
export class Repeat extends HTMLElement {
  private next = 0;

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
    this.addEventListener('input', () => this.reckon());
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

  /** What rows of a quantity, a price and a discount come to, while they are typed; the server reckons them again. */
  private reckon(): void {
    const total = this.querySelector<HTMLOutputElement>('output[data-sum]');
    if (!total) return;
    const show = (amount: number) =>
      new Intl.NumberFormat(lang() === 'fa' ? 'fa-IR' : 'en-US', { maximumFractionDigits: 2 }).format(amount);
    let sum = 0;
    for (const row of this.rows()) {
      const read = (name: string, empty: number) => {
        const text = latin(row.querySelector<HTMLInputElement>(`input[name$="-${name}"]`)?.value.trim() ?? '');
        return text ? Number(text.replace(/[٬،,\s]/g, '').replace('٫', '.')) : empty;
      };
      const amount = read('quantity', 1) * read('price', NaN) * (1 - read('discount', 0) / 100);
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
