import { along, at } from '../dom';
import { post } from '../http';
import { complain } from '../htmx';
import { Edges, pressed, steady } from '../press';
import { open } from './dialog';

/** So far a mouse goes before it carries. */
const SLOP = 4;

interface Held {
  card: HTMLElement;
  x: number;
  y: number;
  /** How far what scrolls had been scrolled when it was grasped. */
  top: number;
  moved: boolean;
}

/** Days whose records are carried from one to another, by mouse, by finger or by Alt and the arrows; the server has the last word. */
export class Calendar extends HTMLElement {
  private held: Held | null = null;
  private dragged = false;
  private stop = new AbortController();
  private last?: PointerEvent;
  private readonly edges = new Edges(this, () => this.last && this.carry(this.last));

  connectedCallback(): void {
    if (!this.dataset.moveUrl) return;
    const { signal } = this.stop;
    this.addEventListener(
      'pointerdown',
      (event) => {
        this.dragged = false;
        const card = at(event, '.plan-ev[data-card]');
        if (card && event.button === 0 && event.isPrimary && !this.held) pressed(event, () => this.take(card, event));
      },
      { signal },
    );
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
    document.addEventListener('pointerup', (event) => this.drop(event), { signal });
    document.addEventListener('pointercancel', () => this.release(), { signal });
    document.addEventListener('keydown', (event) => event.key === 'Escape' && this.release(), { signal });
    this.addEventListener('keydown', (event) => this.key(event), { signal });
  }

  disconnectedCallback(): void {
    this.stop.abort();
    this.stop = new AbortController();
    this.edges.stop();
    this.held = null;
  }

  private take(card: HTMLElement, event: PointerEvent): void {
    if (!card.isConnected) return;
    const isTouch = event.pointerType === 'touch';
    this.held = { card, x: event.clientX, y: event.clientY, top: this.scrollTop, moved: false };
    if (isTouch) this.lift(this.held);
  }

  /** Shows that a card is held. Where days are a list those without anything appear, and the card stays where it was. */
  private lift(held: Held): void {
    held.moved = this.dragged = true;
    const top = held.card.getBoundingClientRect().top;
    this.toggleAttribute('data-busy', true);
    this.scrollTop += held.card.getBoundingClientRect().top - top;
    held.top = this.scrollTop;
    held.card.classList.add('held');
  }

  private carry(event: PointerEvent): void {
    const { held } = this;
    if (!held) return;
    this.last = event;
    if (!held.moved && Math.hypot(event.clientX - held.x, event.clientY - held.y) < SLOP) return;
    if (!held.moved) this.lift(held);
    held.card.style.setProperty('--dx', `${event.clientX - held.x}px`);
    held.card.style.setProperty('--dy', `${event.clientY - held.y + this.scrollTop - held.top}px`);
    this.mark(this.dayAt(event));
    this.edges.at(event.clientY);
  }

  private dayAt({ clientX: x, clientY: y }: PointerEvent): HTMLElement | null {
    const day = document.elementFromPoint(x, y)?.closest<HTMLElement>('.plan-day') ?? null;
    return day && this.contains(day) ? day : null;
  }

  private drop(event: PointerEvent): void {
    const day = this.held?.moved ? this.dayAt(event) : null;
    const held = this.release();
    if (held && day) void this.move(held.card, day);
  }

  private release(): Held | null {
    const { held } = this;
    this.held = null;
    this.edges.stop();
    if (!held) return null;
    this.mark(null);
    held.card.classList.remove('held');
    for (const name of ['--dx', '--dy']) held.card.style.removeProperty(name);
    this.removeAttribute('data-busy');
    document.dispatchEvent(new CustomEvent('pv:idle'));
    return held;
  }

  private key(event: KeyboardEvent): void {
    const card = at(event, '.plan-ev[data-card]');
    const week = event.key === 'ArrowDown' ? 7 : event.key === 'ArrowUp' ? -7 : 0;
    const step = card && event.altKey ? week || along(event.key, card) : 0;
    if (!card || !step) return;
    event.preventDefault();
    const days = [...this.querySelectorAll<HTMLElement>('.plan-day')];
    const day = days[days.indexOf(card.closest<HTMLElement>('.plan-day')!) + step];
    if (day) void this.move(card, day);
  }

  private mark(day: Element | null): void {
    for (const other of this.querySelectorAll('.plan-day')) other.classList.toggle('over', other === day);
  }

  /** Puts a record into another day at once; where the server refuses, it goes back. */
  private async move(card: HTMLElement, day: HTMLElement): Promise<void> {
    const home = card.closest<HTMLElement>('.plan-day');
    if (!home || home === day) return;
    const next = card.nextElementSibling;
    day.insertBefore(card, day.querySelector('.plan-more'));
    day.classList.remove('bare');
    card.focus({ preventScroll: true });
    const body = { card: card.dataset.card ?? '', day: day.dataset.day ?? '', from: home.dataset.day ?? '' };
    const answer = await post(this.dataset.moveUrl ?? '', body).catch(() => null);
    if (answer?.ok) return;
    // What comes again is asked about first.
    const asks = answer?.status === 422 && !answer.headers.has('HX-Trigger');
    if (asks && (await open(await answer.text()))) return;
    home.insertBefore(card, next?.parentElement === home ? next : null);
    if (!asks) complain(answer);
  }
}
