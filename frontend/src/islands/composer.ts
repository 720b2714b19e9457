import { debounce, h } from '../dom';
import { latin } from '../digits';

interface Person {
  id: string | number;
  label: string;
  sub?: string;
}

/** The writer of notes, calls, tasks: empties a form once it was saved, and offers people after an @. */
export class Composer extends HTMLElement {
  private list = h('ul', { class: 'pop', role: 'listbox', hidden: true });
  private people: Person[] = [];
  private area?: HTMLTextAreaElement;
  private readonly look = debounce(80, () => void this.offer());

  connectedCallback(): void {
    this.append(this.list);
    this.addEventListener('htmx:afterRequest', (event) => {
      const { elt, successful, requestConfig } = (
        event as CustomEvent<{ elt: Element; successful: boolean; requestConfig: { verb: string } }>
      ).detail;
      if (!(elt instanceof HTMLFormElement) || !successful || requestConfig.verb === 'get') return;
      elt.reset();
      for (const field of elt.querySelectorAll('input[name=mentions]')) field.remove();
    });
    this.addEventListener('input', (event) => {
      if (!(event.target instanceof HTMLTextAreaElement) || !event.target.matches('[data-mention]')) return;
      this.area = event.target;
      this.look();
    });
    this.addEventListener('keydown', (event) => this.press(event));
    this.addEventListener('focusout', () => setTimeout(() => !this.contains(document.activeElement) && this.hide()));
    this.list.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      const item = (event.target as Element).closest<HTMLElement>('[role=option]');
      if (item) this.take(this.people[Number(item.dataset.n)]);
    });
  }

  private get begun(): string | undefined {
    const { area } = this;
    return area?.value.slice(0, area.selectionStart).match(/(?:^|\s)@([^\s@]{0,30})$/u)?.[1];
  }

  private async offer(): Promise<void> {
    const q = this.begun;
    const url = this.dataset.peopleUrl;
    if (q === undefined || !url) return this.hide();
    const answer = await fetch(`${url}${url.includes('?') ? '&' : '?'}q=${encodeURIComponent(latin(q))}`).catch(() => null);
    if (!answer?.ok || this.begun !== q) return;
    this.people = ((await answer.json()) as Person[]).slice(0, 6);
    this.list.replaceChildren(
      ...this.people.map((person, n) =>
        h(
          'li',
          { class: 'mi', role: 'option', 'data-n': n, 'aria-selected': String(n === 0) },
          person.label,
          person.sub && h('span', { class: 'xs faint push' }, person.sub),
        ),
      ),
    );
    this.list.hidden = !this.people.length;
  }

  private hide(): void {
    this.list.hidden = true;
  }

  private press(event: KeyboardEvent): void {
    if (this.list.hidden) return;
    const items = [...this.list.children] as HTMLElement[];
    const now = items.findIndex((item) => item.ariaSelected === 'true');
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step) items.forEach((item, n) => (item.ariaSelected = String(n === (now + step + items.length) % items.length)));
    else if (event.key === 'Enter' || event.key === 'Tab') this.take(this.people[now]);
    else if (event.key === 'Escape') this.hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private take(person: Person | undefined): void {
    const { area } = this;
    if (!person || !area) return;
    const start = area.selectionStart - (this.begun?.length ?? 0);
    area.setRangeText(`${person.label} `, start, area.selectionStart, 'end');
    area.form?.append(h('input', { type: 'hidden', name: 'mentions', value: person.id }));
    this.hide();
    area.focus();
  }
}
