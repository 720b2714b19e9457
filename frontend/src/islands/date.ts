import { along, at, h, icon, uid } from '../dom';
import { latin, local } from '../digits';
import { lift, place } from '../float';
import { calendarOf, fromIso, iso, read, today, weekday, type Calendar } from '../calendar';
import { t } from '../strings';

/** A date in the reader's calendar: typed or chosen, submitted as ISO. */
export class DateField extends HTMLElement {
  private lng = 'en';
  private calendar!: Calendar;
  private text!: HTMLInputElement;
  private clock?: HTMLInputElement;
  private hiddenField!: HTMLInputElement;
  private panel!: HTMLElement;
  private focusDay = 0;
  private stop = new AbortController();

  connectedCallback(): void {
    const given = this.getAttribute('value') ?? '';
    const plain = this.querySelector<HTMLInputElement>('input:not([type=hidden])');
    const isHere = !!plain && plain === document.activeElement;
    this.lng = (this.closest('[lang]')?.getAttribute('lang') ?? 'en').slice(0, 2);
    this.calendar = calendarOf(this.lng);
    const name = this.getAttribute('name') ?? '';
    const id = this.dataset.inputId ?? this.id;
    if (this.id === id) this.removeAttribute('id'); // the label's id belongs to the input
    const invalid = this.getAttribute('aria-invalid');
    this.removeAttribute('aria-invalid');
    this.hiddenField = h('input', { type: 'hidden', name });
    this.text = h('input', {
      type: 'text',
      id: id || null,
      inputmode: 'numeric',
      autocomplete: 'off',
      placeholder: local(t('date_placeholder'), this.lng),
      'aria-label': this.dataset.label ?? null,
      'aria-invalid': invalid,
      'aria-describedby': this.getAttribute('aria-describedby'),
      required: this.hasAttribute('required'),
      autofocus: this.hasAttribute('autofocus'),
    });
    const button = h('button', { type: 'button', 'aria-label': t('choose_date'), tabindex: -1 }, icon('cal'));
    const box = h('span', { class: 'inp inp-g', 'aria-invalid': invalid }, this.text, button);
    this.panel = h('div', { class: 'pop cal', role: 'dialog', 'aria-label': t('choose_date'), popover: 'manual' });
    this.replaceChildren(this.hiddenField, box, this.panel);
    if (this.hasAttribute('data-time') || given.includes('T')) {
      this.clock = h('input', { type: 'text', class: 'inp time ltr', inputmode: 'numeric', maxlength: 5, 'aria-label': t('time'), placeholder: local('09:00', this.lng) });
      box.after(this.clock);
      this.clock.value = local((given.split('T')[1] ?? this.dataset.time ?? '').slice(0, 5), this.lng);
      this.clock.addEventListener('change', () => this.write(this.number));
    }
    const start = fromIso(given);
    if (start !== null) this.write(start, false);
    else if (given) this.text.value = this.hiddenField.value = given; // what was refused stays, to be mended
    // The hidden value follows each key, so that a form submitted from within the field has it.
    this.text.addEventListener('input', () => {
      const number = read(latin(this.text.value), this.calendar);
      this.hiddenField.value = number === null ? this.text.value.trim() : iso(number) + this.time();
      this.problem('');
    });
    this.text.addEventListener('change', () => this.accept());
    this.text.addEventListener('keydown', (event) => {
      if (event.key === 'ArrowDown') {
        event.preventDefault();
        this.open(true);
      } else if (event.key === 'Enter') this.accept();
    });
    button.addEventListener('click', () => (this.shown ? this.close() : this.open(false)));
    this.panel.addEventListener('keydown', (event) => this.press(event));
    this.panel.addEventListener('click', (event) => this.choose(event));
    this.addEventListener('focusout', () => setTimeout(() => !this.contains(document.activeElement) && this.close()));
    document.addEventListener('pointerdown', (event) => !this.contains(event.target as Node) && this.close(), {
      signal: this.stop.signal,
    });
    // What was typed before this came stays typed, and who was typing goes on.
    if (plain && plain.value !== plain.defaultValue) {
      this.text.value = plain.value;
      this.text.dispatchEvent(new Event('input', { bubbles: true }));
    }
    if (isHere || this.hasAttribute('autofocus')) this.text.focus();
  }

  disconnectedCallback(): void {
    this.stop.abort();
    this.stop = new AbortController();
  }

  get value(): string {
    return this.hiddenField.value;
  }

  private get number(): number | null {
    return fromIso(this.hiddenField.value) ?? read(latin(this.text.value), this.calendar);
  }
  private get shown(): boolean {
    return this.panel.matches(':popover-open');
  }

  private show(number: number): string {
    const { year, month, day } = this.calendar.to(number);
    const two = (value: number) => String(value).padStart(2, '0');
    return this.lng === 'fa' ? local(`${year}/${month}/${day}`, 'fa') : `${year}-${two(month)}-${two(day)}`;
  }

  private write(number: number | null, tell = true): void {
    const before = this.hiddenField.value;
    this.hiddenField.value = number === null ? '' : iso(number) + this.time();
    if (number !== null) this.text.value = this.show(number);
    this.problem(number === null ? '' : this.outside(number));
    if (tell && before !== this.hiddenField.value)
      this.dispatchEvent(new Event('input', { bubbles: true }));
  }

  private time(): string {
    if (!this.clock) return '';
    const parts = latin(this.clock.value).match(/^(\d{1,2})\D?(\d{2})?$/);
    const [hour, minute] = [Number(parts?.[1] ?? 0), Number(parts?.[2] ?? 0)];
    const real = parts && hour < 24 && minute < 60;
    const text = real ? `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}` : '00:00';
    if (real) this.clock.value = local(text, this.lng);
    return `T${text}`;
  }

  private outside(number: number): string {
    const min = fromIso(this.dataset.min ?? '');
    const max = fromIso(this.dataset.max ?? '');
    if ((min === null || number >= min) && (max === null || number <= max)) return '';
    return t('date_range', { min: min === null ? '…' : this.show(min), max: max === null ? '…' : this.show(max) });
  }

  private problem(message: string): void {
    this.text.setCustomValidity(message);
    for (const element of [this.text, this.text.parentElement!])
      if (message) element.setAttribute('aria-invalid', 'true');
      else element.removeAttribute('aria-invalid');
  }

  private accept(): void {
    const typed = this.text.value.trim();
    const number = read(latin(typed), this.calendar);
    if (typed && number === null) {
      this.hiddenField.value = typed; // the server sees what was typed and says the same
      this.problem(t('bad_date', { text: typed }));
    } else this.write(number);
  }

  private open(focus: boolean): void {
    this.focusDay = this.number ?? today();
    this.draw(focus);
    place(this.panel, this.text.parentElement!, 'start');
    if (focus) this.panel.querySelector<HTMLElement>('td [tabindex="0"]')?.focus();
  }

  private close(): void {
    lift(this.panel);
  }

  private draw(focus = true): void {
    const { calendar, lng } = this;
    const shown = calendar.to(this.focusDay);
    const first = calendar.from({ ...shown, day: 1 });
    const lead = (weekday(first) - calendar.weekStart + 7) % 7;
    const chosen = this.number;
    const format = (options: Intl.DateTimeFormatOptions, number: number) =>
      new Intl.DateTimeFormat(lng === 'fa' ? 'fa-IR-u-ca-persian' : lng, { timeZone: 'UTC', ...options }).format(number * 86_400_000);
    const cell = (number: number) => {
      const day = calendar.to(number);
      const classes = [
        day.month !== shown.month && 'out',
        calendar.rest.includes(weekday(number)) && 'off',
        number === today() && 'now',
      ].filter(Boolean);
      return h(
        'td',
        {},
        h(
          'button',
          {
            type: 'button',
            class: classes.join(' '),
            'data-day': number,
            tabindex: number === this.focusDay ? 0 : -1,
            'aria-pressed': String(number === chosen),
            'aria-current': number === today() ? 'date' : null,
            'aria-label': format({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }, number),
            disabled: !!this.outside(number),
          },
          local(String(day.day), lng),
        ),
      );
    };
    const start = first - lead;
    const weeks = Math.ceil((lead + calendar.monthLength(shown.year, shown.month)) / 7);
    const row = (make: (n: number) => Node) => h('tr', {}, ...Array.from({ length: 7 }, (_, n) => make(n)));
    const title = uid('month');
    const step = (to: number, label: string, name: string) =>
      h('button', { type: 'button', class: 'btn ghost s sq', 'data-step': to, 'aria-label': label }, icon(name, 'flip'));
    this.panel.replaceChildren(
      h('div', { class: 'ch' }, step(-1, t('previous_month'), 'cs'), h('b', { id: title, 'aria-live': 'polite' }, `${format({ month: 'long' }, first)} ${local(String(shown.year), lng)}`), step(1, t('next_month'), 'ce')),
      h(
        'table',
        { role: 'grid', 'aria-labelledby': title },
        h('thead', {}, row((n) => h('th', { scope: 'col', abbr: format({ weekday: 'long' }, start + n) }, format({ weekday: 'narrow' }, start + n)))),
        h('tbody', {}, ...Array.from({ length: weeks }, (_, week) => row((n) => cell(start + week * 7 + n)))),
      ),
      h(
        'div',
        { class: 'cf' },
        h('button', { type: 'button', class: 'btn ghost s', 'data-pick': 'today' }, t('today')),
        h('button', { type: 'button', class: 'btn ghost s', 'data-pick': 'none' }, t('clear')),
      ),
    );
    if (focus) this.panel.querySelector<HTMLElement>('td [tabindex="0"]')?.focus();
  }

  private turn(months: number): void {
    const { calendar } = this;
    const { year, month, day } = calendar.to(this.focusDay);
    const index = year * 12 + month - 1 + months;
    const [y, m] = [Math.floor(index / 12), (index % 12) + 1];
    this.focusDay = calendar.from({ year: y, month: m, day: Math.min(day, calendar.monthLength(y, m)) });
  }

  private choose(event: Event): void {
    const button = at<HTMLButtonElement>(event, 'button');
    if (!button || button.disabled) return;
    const { day, step, pick } = button.dataset;
    if (step) {
      this.turn(Number(step));
      this.draw(false);
      this.panel.querySelector<HTMLElement>(`[data-step="${step}"]`)?.focus();
      return;
    }
    if (pick === 'none') this.text.value = '';
    this.write(pick === 'none' ? null : pick === 'today' ? today() : Number(day));
    this.close();
    this.text.focus();
    this.dispatchEvent(new Event('change', { bubbles: true }));
  }

  private press(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      this.close();
      this.text.focus();
      return;
    }
    if (!at(event, 'td')) return;
    const week = (weekday(this.focusDay) - this.calendar.weekStart + 7) % 7;
    const days =
      along(event.key, this.panel) ||
      { ArrowUp: -7, ArrowDown: 7, Home: -week, End: 6 - week }[event.key as 'Home' | 'End' | 'ArrowUp' | 'ArrowDown'];
    const months = event.key === 'PageUp' ? -1 : event.key === 'PageDown' ? 1 : 0;
    if (days === undefined && !months) return;
    event.preventDefault();
    if (days) this.focusDay += days;
    if (months) this.turn(event.shiftKey ? months * 12 : months);
    this.draw();
  }
}
