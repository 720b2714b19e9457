import Sortable from 'sortablejs';
import { along, at, debounce, h } from '../dom';
import { get, post, withQuery } from '../http';
import htmx, { complain, explain } from '../htmx';
import { t } from '../strings';
import { open } from './dialog';
import type { Change } from './live';
import { toast } from './toast';

interface Place {
  list: Element;
  next: Element | null;
}
const here = (card: Element): Place => ({ list: card.parentElement!, next: card.nextElementSibling });
const LANES = '.cards,.drop';
// More cards than this are not fetched one by one: the board is drawn anew.
const MANY = 50;

/** A board whose cards are carried by mouse, touch or keys; the server has the last word on each move. */
export class Board extends HTMLElement {
  private sorters: Sortable[] = [];
  private voice = h('div', { class: 'vh', role: 'status', 'aria-live': 'assertive' });
  private lifted: { card: HTMLElement; home: Place; drop: HTMLElement | null } | null = null;
  private stop = new AbortController();
  private moving = 0;
  /** Cards that somebody changed and that are not yet shown as they are; null: all of them. */
  private stale: Set<string> | null = new Set();
  private readonly catchUp = debounce(120, () => void this.refetch());

  connectedCallback(): void {
    const signal = this.stop.signal;
    this.append(this.voice);
    this.sort();
    document.addEventListener('pv:changed', (event) => this.mark((event as CustomEvent<Change>).detail), { signal });
    document.addEventListener(
      'pv:undone',
      (event) => {
        const card = new URL((event as CustomEvent<{ url: string }>).detail.url, location.href).searchParams.get('card');
        if (card) this.mark({ object: this.dataset.object ?? '', ids: [card] });
      },
      { signal },
    );
    this.addEventListener('keydown', (event) => this.press(event), { signal });
    this.addEventListener('htmx:load', () => this.sort(), { signal });
    document.addEventListener(
      'pointerdown',
      (event) => this.lifted && !this.lifted.card.contains(event.target as Node) && this.putBack(),
      { signal },
    );
  }

  disconnectedCallback(): void {
    this.stop.abort();
    this.stop = new AbortController();
    this.unsort();
  }

  private unsort(): void {
    for (const sorter of this.sorters) if (sorter.el) sorter.destroy();
    this.sorters = [];
  }

  /** (Re)binds the lanes, which the server may have sent anew. */
  private sort(): void {
    if (this.dataset.busy !== undefined || !this.dataset.moveUrl) return;
    this.unsort();
    let home: Place | null = null;
    for (const lane of this.querySelectorAll<HTMLElement>(LANES))
      this.sorters.push(
        Sortable.create(lane, {
          group: `board`,
          draggable: '.deal',
          animation: matchMedia('(prefers-reduced-motion:reduce)').matches ? 0 : 150,
          forceFallback: true,
          fallbackOnBody: true,
          fallbackTolerance: 4,
          delay: 180,
          delayOnTouchOnly: true,
          ghostClass: 'slot',
          fallbackClass: 'drag',
          sort: lane.matches('.cards'),
          scroll: true,
          bubbleScroll: true,
          onStart: ({ item }) => {
            home = here(item);
            home.next = item.nextElementSibling;
            this.carry(true);
          },
          onEnd: ({ item, to }) => {
            this.carry(false);
            if (home && (to !== home.list || item.nextElementSibling !== home.next)) void this.move(item, home, to);
          },
        }),
      );
  }

  /** The endings are seen only while something is carried. */
  private carry(on: boolean): void {
    this.toggleAttribute('data-busy', on);
    const drops = this.querySelector<HTMLElement>('.drops');
    if (drops) drops.hidden = !on;
    if (on) return;
    this.dispatchEvent(new CustomEvent('pv:idle', { bubbles: true }));
    this.catchUp();
  }

  private async move(card: HTMLElement, home: Place, lane: Element): Promise<void> {
    const stage = (lane.closest('[data-stage]') as HTMLElement | null)?.dataset.stage ?? '';
    const id = (element: Element | null) => (element as HTMLElement | null)?.dataset.card ?? '';
    const ending = lane.matches('.drop');
    const body = {
      card: id(card),
      stage,
      from: (home.list.closest('[data-stage]') as HTMLElement | null)?.dataset.stage ?? '',
      before: ending ? '' : id(card.nextElementSibling),
      after: ending ? '' : id(card.previousElementSibling),
    };
    card.classList.add('saving');
    this.moving++;
    const answer = await post(this.dataset.moveUrl ?? '', body).catch(() => null);
    const html = answer && answer.status !== 204 ? await answer.text() : '';
    const asked = !!answer && (answer.status === 409 || answer.status === 422) && !!html;
    const done = asked ? await open(html) : !!answer?.ok;
    if (!done && !asked && !answer?.headers.get('HX-Trigger')?.includes('toast'))
      toast({ text: answer && answer.status < 500 ? t('move_refused') : explain(answer?.status ?? 0), kind: 'bad' });
    card.classList.remove('saving');
    if (!done) home.list.insertBefore(card, home.next?.parentElement === home.list ? home.next : null);
    else if (ending) card.remove();
    if (done && !asked) this.refresh(html);
    // A dialog took the focus, and gives it to the page's start.
    if (asked && card.isConnected) card.focus({ preventScroll: true });
    this.moving--;
    // What the dialog's own answer said went to the dialog; where the card is now is asked for.
    if (asked && done) this.stale?.add(body.card);
    this.catchUp();
  }

  // What others do

  private mark({ object, ids }: Change): void {
    if (object !== '*' && object !== this.dataset.object) return;
    if (!ids || object === '*' || (this.stale?.size ?? 0) + ids.length > MANY) this.stale = null;
    else for (const id of ids) this.stale?.add(String(id));
    this.catchUp();
  }

  /** Shows changed cards where they are now; waits while something is carried here. */
  private async refetch(): Promise<void> {
    if (this.moving || this.dataset.busy !== undefined || this.stale?.size === 0) return;
    const { changesUrl, wholeUrl } = this.dataset;
    const { stale } = this;
    this.stale = new Set();
    if (!stale) {
      if (wholeUrl) void htmx.ajax('get', wholeUrl, { target: this, source: this, swap: 'outerHTML' });
      return;
    }
    if (!changesUrl) return;
    const answer = await get(withQuery(changesUrl, { ids: [...stale].join(',') })).catch(() => null);
    if (!answer?.ok) return;
    const html = await answer.text();
    if (this.moving || this.dataset.busy !== undefined) {
      // Somebody took a card up meanwhile: what was fetched is shown when they let go.
      for (const id of stale) this.stale?.add(id);
      return;
    }
    const shown = this.refresh(html);
    for (const id of stale) if (!shown.has(id)) this.querySelector(`[data-card="${CSS.escape(id)}"]`)?.remove();
  }

  /** Puts the elements of an answer in the places of those with the same id, cards into their lanes; tells which cards came. */
  private refresh(html: string): Set<string> {
    const template = document.createElement('template');
    template.innerHTML = html;
    const cards = new Set<string>();
    for (const fresh of [...template.content.children] as HTMLElement[]) {
      const old = fresh.id ? document.getElementById(fresh.id) : null;
      if (fresh.dataset.card !== undefined && fresh.dataset.lane !== undefined) {
        cards.add(fresh.dataset.card);
        this.place(fresh, old);
      } else old?.replaceWith(fresh);
      if (fresh.isConnected) htmx.process(fresh);
    }
    return cards;
  }

  /** Lays a card where its rank belongs; one that belongs among those not yet loaded is not shown. */
  private place(fresh: HTMLElement, old: HTMLElement | null): void {
    const list = this.querySelector(`[data-stage="${CSS.escape(fresh.dataset.lane ?? '')}"] > .cards`);
    const focused = !!old && (old === document.activeElement || old.contains(document.activeElement));
    if (list && fresh.dataset.rank === undefined && old?.parentElement === list) old.replaceWith(fresh);
    else {
      old?.remove();
      const rank = Number(fresh.dataset.rank ?? Infinity);
      const cards = [...(list?.querySelectorAll<HTMLElement>(':scope > .deal') ?? [])];
      const below = cards.find((card) => Number(card.dataset.rank ?? -Infinity) < rank);
      if (below) below.before(fresh);
      else if (!list?.querySelector(':scope > .more')) list?.append(fresh);
    }
    list?.querySelector(':scope > .empty')?.remove();
    if (focused && fresh.isConnected) fresh.focus({ preventScroll: true });
  }

  // Keys

  private press(event: KeyboardEvent): void {
    const card = at(event, '.deal');
    if (!card) return;
    const { lifted } = this;
    if (!lifted) {
      if (event.target !== card) return;
      if (event.key === ' ' && this.dataset.moveUrl) this.lift(card);
      else if (event.key === 'Enter') card.querySelector<HTMLAnchorElement>('a[href]')?.click();
      else return void this.walk(event, card);
    } else if (event.key === 'Escape') this.putBack();
    else if (event.key === ' ' || event.key === 'Enter') this.drop();
    else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') this.shift(event.key === 'ArrowDown' ? 1 : -1);
    else if (along(event.key, this)) this.cross(along(event.key, this));
    else if (event.key !== 'Tab') return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Arrows without a lifted card go from card to card. */
  private walk(event: KeyboardEvent, card: HTMLElement): void {
    const lanes = [...this.querySelectorAll('.cards')];
    const cards = (lane: Element | undefined) => [...(lane?.querySelectorAll<HTMLElement>('.deal') ?? [])];
    const lane = lanes.findIndex((list) => list.contains(card));
    const row = cards(lanes[lane]).indexOf(card);
    const step = along(event.key, this);
    const down = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (!step && !down) return;
    event.preventDefault();
    let next: HTMLElement | undefined;
    if (down) next = cards(lanes[lane])[row + down];
    else
      for (let n = lane + step; n >= 0 && n < lanes.length && !next; n += step) {
        const list = cards(lanes[n]);
        next = list[Math.min(row, list.length - 1)];
      }
    next?.focus();
  }

  private lift(card: HTMLElement): void {
    this.lifted = { card, home: here(card), drop: null };
    card.classList.add('lifted');
    this.carry(true);
    this.say('card_lifted', card);
  }

  private lanes = () => [...this.querySelectorAll<HTMLElement>(LANES)];

  private shift(step: number): void {
    const { card, drop } = this.lifted!;
    if (drop) return;
    const other = step > 0 ? card.nextElementSibling : card.previousElementSibling;
    if (!other?.matches('.deal')) return;
    if (step > 0) other.after(card);
    else other.before(card);
    this.moved(card);
  }

  private cross(step: number): void {
    const held = this.lifted!;
    const lanes = this.lanes();
    const lane = lanes[lanes.indexOf(held.drop ?? held.card.parentElement!) + step];
    if (!lane) return;
    held.drop?.classList.remove('into');
    held.drop = lane.matches('.drop') ? lane : null;
    if (held.drop) held.drop.classList.add('into');
    else {
      const row = [...held.card.parentElement!.children].indexOf(held.card);
      const cards = [...lane.querySelectorAll(':scope > .deal')].filter((card) => card !== held.card);
      lane.insertBefore(held.card, cards[row] ?? lane.querySelector(':scope > :not(.deal)'));
    }
    this.moved(held.card);
  }

  private moved(card: HTMLElement): void {
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    const list = [...card.parentElement!.querySelectorAll('.deal')];
    this.say('card_over', card, { n: list.indexOf(card) + 1, total: list.length });
  }

  private settle(): { card: HTMLElement; home: Place; drop: HTMLElement | null } {
    const held = this.lifted!;
    this.lifted = null;
    held.card.classList.remove('lifted');
    held.drop?.classList.remove('into');
    this.carry(false);
    return held;
  }

  private drop(): void {
    this.say('card_dropped', this.lifted!.card);
    const { card, home, drop } = this.settle();
    const lane = drop ?? card.parentElement!;
    if (lane !== home.list || card.nextElementSibling !== home.next) void this.move(card, home, lane);
    card.focus();
  }

  private putBack(): void {
    const { card, home } = this.settle();
    home.list.insertBefore(card, home.next);
    this.say('card_back', card);
    card.focus();
  }

  private say(key: 'card_lifted' | 'card_over' | 'card_dropped' | 'card_back', card: HTMLElement, values = {}): void {
    const lane = this.lifted?.drop ?? card.closest<HTMLElement>('[data-stage]');
    const name = card.dataset.name ?? card.querySelector('h3')?.textContent ?? '';
    this.voice.textContent = t(key, { card: name.trim(), stage: lane?.dataset.name ?? '', ...values });
  }
}

/** A list whose order is dragged, or moved by Alt-arrow on a handle; posts `order` to `data-sort-url` if it has one. */
export function sortable(list: HTMLElement): void {
  const send = async () => {
    if (!list.dataset.sortUrl) return void list.dispatchEvent(new Event('input', { bubbles: true }));
    const order = [...list.children].map((item) => (item as HTMLElement).dataset.id ?? '').join(',');
    const answer = await post(list.dataset.sortUrl ?? '', { order }).catch(() => null);
    if (!answer?.ok) complain(answer);
  };
  Sortable.create(list, { handle: '.handle', draggable: list.matches('ul,ol') ? 'li' : '.rep', animation: 150, ghostClass: 'slot', onEnd: () => void send() });
  list.addEventListener('keydown', (event) => {
    const handle = at(event, '.handle');
    const item = handle?.closest('li,.rep');
    const other = event.key === 'ArrowUp' ? item?.previousElementSibling : event.key === 'ArrowDown' ? item?.nextElementSibling : null;
    if (!handle || !item || !other || other.className !== item.className) return;
    event.preventDefault();
    if (event.key === 'ArrowUp') other.before(item);
    else other.after(item);
    handle.focus();
    void send();
  });
}
