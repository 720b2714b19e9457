import { along, at, h } from '../dom';
import { local } from '../digits';
import { post, withQuery } from '../http';
import htmx, { complain } from '../htmx';
import { Edges, pressed, steady } from '../press';
import { lang } from '../strings';
import { frame, open } from './dialog';

const STEP = 15;
const SHORTEST = 30;
const DAY = 1440;
/** So far a mouse goes before it carries. */
const SLOP = 4;
const MINUTE = 60_000;
const EVENT = '.hour-ev[data-card]';

interface Place {
  line: HTMLElement;
  low: number;
  high: number;
}
interface Held extends Place {
  mode: 'move' | 'size' | 'new';
  box: HTMLElement;
  /** Minutes between the pointer and the beginning of what it carries. */
  grab: number;
  home: Place;
  moved: boolean;
  /** Where the pointer grasped it; nowhere where keys do. */
  from?: PointerEvent;
}

/** What a fetched-again calendar takes over from the one before it. */
const kept = { url: '', top: 0, start: 0, card: '' };

const number = (element: HTMLElement, name: string): number => Number(element.dataset[name] ?? 0);
const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60) % 24).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const span = (low: number, high: number): string => local(`${clock(low)}–${clock(high)}`, lang());

/** A minute of a day as the server reads it; the last one is the next day's first. */
function stamp(day: string, minute: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + Math.floor(minute / DAY));
  return `${date.toISOString().slice(0, 10)}T${clock(minute)}`;
}

/** The hours of days: what stands in them is carried, made longer and made new, by mouse, by finger or by Alt and the arrows. */
export class Hours extends HTMLElement {
  private held: Held | null = null;
  private dragged = false;
  private timer?: ReturnType<typeof setInterval>;
  private stop = new AbortController();
  private last?: PointerEvent;
  private readonly edges = new Edges(this, () => this.last && this.carry(this.last));
  private readonly voice = h('p', { class: 'vh', 'aria-live': 'assertive' });

  connectedCallback(): void {
    const { signal } = this.stop;
    this.append(this.voice);
    for (const box of this.querySelectorAll<HTMLElement>('[data-low]')) this.lay(box);
    this.showNow();
    this.show();
    this.addEventListener('pointerdown', (event) => this.grab(event), { signal });
    this.addEventListener('keydown', (event) => this.key(event), { signal });
    this.addEventListener('keyup', (event) => event.key === 'Alt' && this.drop(), { signal });
    this.addEventListener('focusin', (event) => (kept.card = at(event, EVENT)?.dataset.card ?? ''), { signal });
    this.addEventListener('focusout', () => this.held && !this.dragged && this.isConnected && this.drop(), { signal });
    this.addEventListener('dragstart', (event) => event.preventDefault(), { signal });
    this.addEventListener(
      'click',
      (event) => {
        // What ends a drag opens nothing.
        if (this.dragged) event.preventDefault();
        this.dragged = false;
      },
      { signal, capture: true },
    );
    steady(this, () => !!this.held, signal);
    document.addEventListener('pointermove', (event) => this.carry(event), { signal });
    document.addEventListener('pointerup', () => this.held && this.drop(), { signal });
    document.addEventListener('pointercancel', () => this.putBack(), { signal });
  }

  disconnectedCallback(): void {
    clearInterval(this.timer);
    this.stop.abort();
    this.stop = new AbortController();
    this.edges.stop();
    this.held = null;
  }

  /** Puts a box where its data say. */
  private lay(box: HTMLElement): void {
    for (const name of ['low', 'high', 'lane', 'lanes'])
      if (box.dataset[name]) box.style.setProperty(`--${name}`, box.dataset[name]);
    const long = number(box, 'high') - number(box, 'low');
    const lanes = number(box, 'lanes');
    box.classList.toggle('flat', long < 45);
    box.classList.toggle('low', long < 75);
    box.classList.toggle('narrow', lanes > 2 || (lanes > 1 && long < 45));
  }

  private showNow(): void {
    const line = this.querySelectorAll<HTMLElement>('.hours-col.now .hours-line');
    const begun = performance.now();
    const first = number(this, 'minute');
    const marks = [...line].map((day) => {
      const mark = h('i', { class: 'hours-now', 'aria-hidden': 'true' });
      day.append(mark);
      return mark;
    });
    const draw = () => {
      for (const mark of marks) mark.style.setProperty('--low', String(first + (performance.now() - begun) / MINUTE));
    };
    draw();
    if (marks.length) this.timer = setInterval(draw, MINUTE);
  }

  /** Shows the hours that were shown before, else those in which the days begin. */
  private show(): void {
    const same = kept.url === this.dataset.liveUrl;
    const line = this.querySelector<HTMLElement>('.hours-line');
    const top = line ? (line.clientHeight * number(this, 'begins')) / DAY : 0;
    this.scrollTo({ top: same ? kept.top : top, left: same ? kept.start : 0, behavior: 'instant' });
    if (same && kept.card && document.activeElement === document.body)
      this.querySelector<HTMLElement>(`[data-card="${kept.card}"]`)?.focus({ preventScroll: true });
    if (!same) kept.card = '';
    kept.url = this.dataset.liveUrl ?? '';
    this.addEventListener('scroll', () => Object.assign(kept, { top: this.scrollTop, start: this.scrollLeft }), {
      signal: this.stop.signal,
      passive: true,
    });
  }

  private minute(line: HTMLElement, event: PointerEvent): number {
    const box = line.getBoundingClientRect();
    return ((event.clientY - box.top) / box.height) * DAY;
  }

  private lineAt(x: number): HTMLElement | undefined {
    return [...this.querySelectorAll<HTMLElement>('.hours-col .hours-line')].find((line) => {
      const box = line.getBoundingClientRect();
      return x >= box.left && x < box.right;
    });
  }

  /** Whether the days stand one beneath the other without their hours: then a card is carried to another day alone. */
  private get isList(): boolean {
    return this.classList.contains('as-list') && matchMedia('(max-width:720px)').matches;
  }

  /** The line of the day that a pointer is over. */
  private dayAt({ clientX: x, clientY: y }: PointerEvent): HTMLElement | undefined {
    if (!this.isList) return this.lineAt(x);
    const day = [...this.querySelectorAll<HTMLElement>('.hours-col')].find((column) => {
      const box = column.getBoundingClientRect();
      return y >= box.top && y < box.bottom;
    });
    return day?.querySelector<HTMLElement>('.hours-line') ?? undefined;
  }

  private grab(event: PointerEvent): void {
    this.dragged = false;
    const line = at(event, '.hours-col .hours-line');
    if (!line || event.button !== 0 || !event.isPrimary || this.held) return;
    const card = at(event, '.hour-ev');
    if (card ? !card.dataset.card || !this.dataset.moveUrl : !this.dataset.newUrl || this.isList) return;
    if (!card) event.preventDefault();
    pressed(event, () => this.take(event, line, card));
  }

  private take(event: PointerEvent, line: HTMLElement, card: HTMLElement | null): void {
    if (this.held || !line.isConnected) return;
    const pointed = this.minute(line, event);
    const common = { moved: false, from: event };
    if (card) {
      const place = this.placeOf(card);
      const mode = at(event, '.hour-edge') ? 'size' : 'move';
      this.hold({ ...place, ...common, mode, box: card, grab: pointed - place.low, home: place });
    } else {
      const low = Math.floor(pointed / SHORTEST) * SHORTEST;
      const place = { line, low, high: low + SHORTEST };
      this.hold({ ...place, ...common, mode: 'new', box: h('div', { class: 'hour-new' }), grab: low, home: place });
    }
    if (event.pointerType !== 'touch') return;
    // That the finger has it is seen at once, and lifting it opens nothing.
    this.dragged = true;
    const held = this.held!;
    if (held.mode === 'new') this.put(held, line, held.low, held.high);
    else held.box.classList.add('held');
  }

  /** Where days are a list those without anything appear, and what is held stays where it was. */
  private hold(held: Held): void {
    this.held = held;
    const top = held.home.line.getBoundingClientRect().top;
    this.toggleAttribute('data-busy', true);
    this.scrollTop += held.home.line.getBoundingClientRect().top - top;
  }

  private placeOf(card: HTMLElement): Place {
    return { line: card.parentElement!, low: number(card, 'low'), high: number(card, 'high') };
  }

  private carry(event: PointerEvent): void {
    const { held } = this;
    if (!held?.from) return;
    if (!held.moved && Math.hypot(event.clientX - held.from.clientX, event.clientY - held.from.clientY) < SLOP) return;
    this.last = event;
    this.edges.at(event.clientY);
    if (this.isList) return this.put(held, this.dayAt(event) ?? held.line, held.low, held.high);
    const pointed = this.minute(held.line, event);
    const snapped = Math.round(pointed / STEP) * STEP;
    if (held.mode === 'new') {
      const low = Math.min(held.grab, Math.floor(pointed / STEP) * STEP);
      this.put(held, held.line, clamp(low, 0, DAY - STEP), clamp(Math.max(held.grab + STEP, snapped), STEP, DAY));
    } else if (held.mode === 'size') this.put(held, held.line, held.low, clamp(snapped, held.low + STEP, DAY));
    else {
      const long = held.high - held.low;
      const low = clamp(Math.round((pointed - held.grab) / STEP) * STEP, 0, DAY - long);
      this.put(held, this.dayAt(event) ?? held.line, low, low + long);
    }
  }

  /** Draws what is held in a new place, over the whole width of its day. */
  private put(held: Held, line: HTMLElement, low: number, high: number): void {
    if (held.line === line && held.low === low && held.high === high && held.moved) return;
    const changed = held.line !== line || held.low !== low || held.high !== high;
    if (!changed && held.mode !== 'new') return;
    Object.assign(held, { line, low, high, moved: true });
    this.dragged = true;
    const { box } = held;
    if (box.parentElement !== line) line.append(box);
    box.classList.add('held');
    Object.assign(box.dataset, { low: String(low), high: String(high), lane: '0', lanes: '1' });
    this.lay(box);
    const words = box.querySelector('time') ?? (held.mode === 'new' ? box : null);
    if (words && !this.isList) words.textContent = span(low, high);
  }

  private drop(): void {
    const held = this.release();
    if (!held) return;
    if (held.mode === 'new') return void this.make(held);
    if (held.moved) void this.move(held);
  }

  private release(): Held | null {
    const held = this.held;
    this.held = null;
    this.edges.stop();
    if (held && !held.moved) held.box.classList.remove('held');
    this.removeAttribute('data-busy');
    document.dispatchEvent(new CustomEvent('pv:idle'));
    return held;
  }

  private putBack(): void {
    const held = this.release();
    if (held) this.restore(held);
  }

  private restore({ box, home, mode }: Held): void {
    if (mode === 'new') return box.remove();
    // Its neighbours may have other places by now: the server says where all of them stand.
    if (box.isConnected && box.parentElement !== home.line) home.line.append(box);
    this.renew();
  }

  private renew(): void {
    const url = this.dataset.liveUrl;
    if (url && this.isConnected) void htmx.ajax('get', url, { target: this, source: this, swap: 'outerHTML' });
  }

  private make(held: Held): void {
    const column = held.line.closest<HTMLElement>('.hours-col')!;
    const day = column.dataset.day ?? '';
    if (!held.moved) this.put(held, held.line, held.low, held.high);
    this.dragged = false;
    const query = { at: stamp(day, held.low), until: stamp(day, held.high), owner: column.dataset.person ?? '' };
    frame().addEventListener('close', () => held.box.remove(), { once: true });
    void htmx.ajax('get', withQuery(this.dataset.newUrl ?? '', query), { target: '#dialog', swap: 'innerHTML' });
  }

  private async move(held: Held): Promise<void> {
    const column = held.line.closest<HTMLElement>('.hours-col')!;
    const day = column.dataset.day ?? '';
    const { card = '', was = '' } = held.box.dataset;
    const body = {
      card,
      was,
      at: stamp(day, held.low),
      until: held.box.dataset.long === undefined ? '' : stamp(day, held.high),
      owner: column.dataset.person ?? '',
    };
    const answer = await post(this.dataset.moveUrl ?? '', body).catch(() => null);
    // What comes again is asked about first; a refusal says so in a toast.
    if (answer?.status === 422 && !answer.headers.has('HX-Trigger')) {
      const done = await open(await answer.text());
      if (!done) this.restore(held);
      return;
    }
    if (answer?.ok) return;
    complain(answer);
    this.restore(held);
  }

  private key(event: KeyboardEvent): void {
    const card = at(event, EVENT);
    if (event.key === 'Escape' && this.held) {
      event.preventDefault();
      return this.putBack();
    }
    const down = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const step = card ? along(event.key, card) : 0;
    if (!card || (!down && !step) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (!event.altKey) return this.walk(card, down, step);
    if (!this.dataset.moveUrl) return;
    if (!this.held) {
      const place = this.placeOf(card);
      this.hold({ ...place, mode: 'move', box: card, grab: 0, home: place, moved: false });
    }
    const held = this.held!;
    const lines = [...this.querySelectorAll<HTMLElement>('.hours-col .hours-line')];
    if (event.shiftKey && down && card.dataset.long !== undefined)
      this.put(held, held.line, held.low, clamp(held.high + down * STEP, held.low + STEP, DAY));
    else {
      const line = lines[lines.indexOf(held.line) + step] ?? held.line;
      const low = clamp(held.low + down * STEP, 0, DAY - (held.high - held.low));
      this.put(held, line, low, low + held.high - held.low);
    }
    this.dragged = false;
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    const day = held.line.closest<HTMLElement>('.hours-col')?.dataset.name ?? '';
    this.voice.textContent = `${card.querySelector('.ev-t')?.textContent ?? ''}: ${day} ${span(held.low, held.high)}`;
  }

  /** Goes to the event above or beneath, or to the nearest in time of another day. */
  private walk(card: HTMLElement, down: number, step: number): void {
    const days = [...this.querySelectorAll<HTMLElement>('.hours-col')];
    const of = (day: HTMLElement | undefined): HTMLElement[] =>
      day ? [...day.querySelectorAll<HTMLElement>('a.hour-ev')].sort((a, b) => number(a, 'low') - number(b, 'low')) : [];
    const own = card.closest<HTMLElement>('.hours-col')!;
    if (down) return of(own)[of(own).indexOf(card) + down]?.focus();
    for (let n = days.indexOf(own) + step; n >= 0 && n < days.length; n += step) {
      const near = of(days[n]).sort((a, b) => this.far(a, card) - this.far(b, card))[0];
      if (near) return near.focus();
    }
  }

  private far = (one: HTMLElement, other: HTMLElement): number => Math.abs(number(one, 'low') - number(other, 'low'));
}
