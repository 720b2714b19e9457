import { fold } from '../digits';
import { at, debounce, h, icon, uid } from '../dom';
import { lift, place } from '../float';
import { withQuery } from '../http';
import { t } from '../strings';

export interface Option {
  id: string;
  label: string;
  sub?: string;
  icon?: string;
  tint?: number;
  /** the class of a coloured sign before the label */
  mark?: string;
  /** what controls of the same row take from the choice, by name */
  fill?: Record<string, string>;
  made?: boolean;
}

/** A searchable choice of one or many; the choice is submitted by hidden inputs. */
export class Picker extends HTMLElement {
  /** What there is to choose from; without it `data-url` is asked. */
  options: Option[] | null = null;
  private chosen: Option[] = [];
  private found: Option[] = [];
  private now = 0;
  private box!: HTMLElement;
  private input!: HTMLInputElement;
  private list!: HTMLElement;
  private request?: AbortController;
  /** Whether it stands in for a `select`, which opens when it is pressed, not when it is reached. */
  private stands = false;
  /** Whether the focus only comes back after a choice: what was just closed stays so. */
  private settled = false;
  private readonly look = debounce(80, () => void this.search());

  connectedCallback(): void {
    if (this.box) return;
    const select = this.querySelector('select');
    if (select) this.adopt(select);
    else this.chosen = [...this.querySelectorAll<HTMLInputElement>('input[type=hidden]')]
      .filter((input) => input.value)
      .map((input) => ({ id: input.value, label: input.dataset.label ?? input.value, mark: input.dataset.mark }));
    const listId = uid('pick');
    this.input = h('input', {
      type: 'text',
      id: this.dataset.inputId ?? (this.id || null),
      role: 'combobox',
      autocomplete: 'off',
      'aria-expanded': 'false',
      'aria-controls': listId,
      'aria-autocomplete': 'list',
      'aria-label': this.dataset.label ?? null,
      'aria-describedby': this.getAttribute('aria-describedby'),
      autofocus: this.hasAttribute('autofocus'),
    });
    if (this.input.id === this.id) this.removeAttribute('id');
    this.box = h('div', { class: 'inp pick', 'aria-invalid': this.getAttribute('aria-invalid') });
    this.removeAttribute('aria-invalid');
    this.list = h('div', { class: 'pop', id: listId, role: 'listbox', popover: 'manual', 'aria-label': t('results') });
    this.replaceChildren(this.box, this.list);
    this.draw();
    this.input.addEventListener('input', this.look);
    this.input.addEventListener('focus', () => {
      if (!this.waits && !this.settled && !this.stands) void this.search();
    });
    this.input.addEventListener('blur', () => setTimeout(() => this.leave()));
    this.input.addEventListener('keydown', (event) => this.press(event));
    this.box.addEventListener('click', (event) => {
      const gone = at(event, '[data-drop]')?.dataset.drop;
      if (gone !== undefined) this.choose(this.chosen.filter((option) => option.id !== gone));
      this.input.focus();
      if (gone === undefined && !this.list.matches(':popover-open')) void this.search();
    });
    this.list.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      const item = at(event, '[data-n]');
      if (item) this.take(Number(item.dataset.n));
    });
    const within = this.within;
    let beside = within?.value[0];
    within?.addEventListener('change', () => {
      // What was chosen belongs to the other one's old choice.
      if (beside !== within.value[0] && this.chosen.length) this.choose([]);
      beside = within.value[0];
    });
    // The browser's own autofocus is over by the time a fetched fragment wakes up.
    if (this.hasAttribute('autofocus')) this.input.focus();
  }

  /** Takes the place of a select, with what there is to choose from, its groups beside, and its name. */
  private adopt(select: HTMLSelectElement): void {
    this.stands = true;
    const all = [...select.options].filter((option) => option.value);
    const read = (option: HTMLOptionElement): Option => ({
      id: option.value,
      label: option.text.trim(),
      ...(option.parentElement instanceof HTMLOptGroupElement ? { sub: option.parentElement.label } : {}),
    });
    this.options = all.map(read);
    this.chosen = all.filter((option) => option.defaultSelected).map(read);
    this.setAttribute('name', select.name);
    this.setAttribute('placeholder', [...select.options].find((option) => !option.value)?.text.trim() ?? '');
    this.dataset.label = select.getAttribute('aria-label') ?? '';
    this.dataset.inputId = select.id;
  }

  /** The chosen ids. */
  get value(): string[] {
    return this.chosen.map((option) => option.id);
  }

  /** The picker that this one's choices belong to. */
  private get within(): Picker | null {
    const name = this.dataset.within;
    return name ? (this.closest('form')?.querySelector<Picker>(`pv-picker[name="${name}"]`) ?? null) : null;
  }

  /** Whether its list stays shut until it is asked for: it would cover the reason why what is chosen was refused. */
  private get waits(): boolean {
    const refused = this.box.ariaInvalid === 'true' || this.closest('.modal-box')?.querySelector('.notice[role=alert]');
    return !this.multiple && this.chosen.length > 0 && !!refused;
  }

  private get multiple(): boolean {
    return this.hasAttribute('multiple');
  }

  /** Whether its choice may be changed, but never taken away. */
  private get kept(): boolean {
    return this.hasAttribute('data-kept');
  }

  private draw(): void {
    const name = this.getAttribute('name') ?? '';
    const fields = this.chosen.map((option) =>
      h('input', { type: 'hidden', name: option.made ? (this.dataset.createName ?? name) : name, value: option.id, 'data-label': option.label }),
    );
    if (!fields.length && !this.multiple) fields.push(h('input', { type: 'hidden', name, value: '' }));
    const tag = (option: Option) =>
      h(
        'span',
        { class: this.multiple ? 'bdg' : 'one' },
        option.mark && h('i', { class: `mark ${option.mark}`, 'aria-hidden': 'true' }),
        h('span', { class: 'trunc' }, option.label),
        !this.kept && h('button', { type: 'button', 'data-drop': option.id, 'aria-label': `${t('remove')} ${option.label}`, tabindex: -1 }, icon('x', 'i-sm')),
      );
    this.box.replaceChildren(...fields, ...this.chosen.map(tag), this.input);
    const empty = !this.chosen.length;
    this.input.placeholder = empty ? (this.getAttribute('placeholder') ?? '') : '';
    this.input.required = empty && this.hasAttribute('required');
  }

  private choose(options: Option[]): void {
    this.chosen = options;
    this.draw();
    this.dispatchEvent(new Event('input', { bubbles: true }));
    this.dispatchEvent(new Event('change', { bubbles: true }));
  }

  private async search(): Promise<void> {
    this.request?.abort();
    const request = (this.request = new AbortController());
    const q = this.input.value.trim();
    let options: Option[];
    try {
      options = this.options?.filter((option) => fold(`${option.label} ${option.sub ?? ''}`).includes(fold(q))) ?? (await this.fetched(q, request.signal));
    } catch {
      if (request.signal.aborted) return;
      return this.say(t('failed'));
    }
    if (!q && this.dataset.first) options.unshift(...(JSON.parse(this.dataset.first) as Option[]));
    const taken = new Set(this.value);
    this.found = options.filter((option) => !taken.has(option.id));
    const same = options.some((option) => option.label === q);
    if (q && !same && this.hasAttribute('data-create'))
      this.found.push({ id: q, label: t('create_named', { text: q }), icon: 'plus', made: true });
    if (!this.found.length) return this.say(t('nothing_found'));
    this.list.replaceChildren(...this.found.map((option, n) => this.line(option, n)));
    this.show();
    this.point(0);
  }

  private async fetched(q: string, signal: AbortSignal): Promise<Option[]> {
    const within = this.within?.value[0];
    const asked = { q, ...(within && this.dataset.within ? { [this.dataset.within]: within } : {}) };
    const answer = await fetch(withQuery(this.dataset.url ?? '', asked), { signal });
    if (!answer.ok) throw new Error(String(answer.status));
    return ((await answer.json()) as Option[]).map((option) => ({ ...option, id: String(option.id) }));
  }

  private line(option: Option, n: number): HTMLElement {
    return h(
      'div',
      { class: 'mi', role: 'option', id: uid('option'), 'data-n': n, 'aria-selected': 'false' },
      option.mark ? h('i', { class: `mark ${option.mark}`, 'aria-hidden': 'true' }) : option.icon ? icon(option.icon) : option.tint ? h('span', { class: `av t${option.tint}`, 'aria-hidden': 'true' }, [...option.label][0] ?? '') : null,
      h('span', { class: 'trunc' }, option.label),
      option.sub && h('span', { class: 'sub' }, option.sub),
    );
  }

  private say(words: string): void {
    this.found = [];
    this.list.replaceChildren(h('p', { class: 'none' }, words));
    this.show();
  }

  private show(): void {
    if (document.activeElement !== this.input) return;
    place(this.list, this.box, 'start', true);
    this.input.ariaExpanded = 'true';
  }

  private hide(): void {
    lift(this.list);
    this.input.ariaExpanded = 'false';
    this.input.removeAttribute('aria-activedescendant');
  }

  private leave(): void {
    this.hide();
    this.input.value = '';
  }

  private point(n: number): void {
    const items = [...this.list.querySelectorAll<HTMLElement>('[data-n]')];
    this.now = (n + items.length) % items.length;
    items.forEach((item, i) => (item.ariaSelected = String(i === this.now)));
    const item = items[this.now];
    if (!item) return;
    item.scrollIntoView({ block: 'nearest' });
    this.input.setAttribute('aria-activedescendant', item.id);
  }

  private take(n: number): void {
    const option = this.found[n];
    if (!option) return;
    const clean = option.made ? { ...option, label: option.id } : option;
    this.input.value = '';
    this.choose(this.multiple ? [...this.chosen, clean] : [clean]);
    if (option.fill) this.dispatchEvent(new CustomEvent('fill', { bubbles: true, detail: option.fill }));
    if (this.multiple) void this.search();
    else this.hide();
    this.settled = !this.multiple;
    this.input.focus();
    this.settled = false;
  }

  private press(event: KeyboardEvent): void {
    const open = this.list.matches(':popover-open');
    if (event.key === 'Backspace' && !this.input.value && this.chosen.length && !this.kept) this.choose(this.chosen.slice(0, -1));
    else if (event.key === 'ArrowDown' && !open) void this.search();
    else if (event.key === 'ArrowDown' && this.found.length) this.point(this.now + 1);
    else if (event.key === 'ArrowUp' && this.found.length) this.point(this.now - 1);
    else if (event.key === 'Enter' && open && this.found.length) this.take(this.now);
    else if (event.key === 'Escape' && open) {
      event.stopPropagation();
      this.hide();
    } else return;
    event.preventDefault();
  }
}
