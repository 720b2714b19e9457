import { along, at } from '../dom';
import { post } from '../http';
import { complain } from '../htmx';
import { open } from './dialog';

/** Days whose records are carried from one to another, by mouse or by Alt and the arrows; the server has the last word. */
export class Calendar extends HTMLElement {
  private held: HTMLElement | null = null;

  connectedCallback(): void {
    if (!this.dataset.moveUrl) return;
    this.addEventListener('dragstart', (event) => {
      this.held = at(event, '.plan-ev[data-card]');
      event.dataTransfer?.setData('text/plain', this.held?.dataset.card ?? '');
    });
    this.addEventListener('dragover', (event) => {
      const day = at(event, '.plan-day');
      if (!this.held || !day) return;
      event.preventDefault();
      this.mark(day);
    });
    this.addEventListener('drop', (event) => {
      const day = at(event, '.plan-day');
      if (!this.held || !day) return;
      event.preventDefault();
      void this.move(this.held, day);
    });
    this.addEventListener('dragend', () => {
      this.held = null;
      this.mark(null);
    });
    this.addEventListener('keydown', (event) => {
      const card = at(event, '.plan-ev[data-card]');
      const week = event.key === 'ArrowDown' ? 7 : event.key === 'ArrowUp' ? -7 : 0;
      const step = card && event.altKey ? week || along(event.key, card) : 0;
      if (!card || !step) return;
      event.preventDefault();
      const days = [...this.querySelectorAll<HTMLElement>('.plan-day')];
      const day = days[days.indexOf(card.closest<HTMLElement>('.plan-day')!) + step];
      if (day) void this.move(card, day);
    });
  }

  private mark(day: Element | null): void {
    for (const other of this.querySelectorAll('.plan-day')) other.classList.toggle('over', other === day);
  }

  /** Puts a record into another day at once; where the server refuses, it goes back. */
  private async move(card: HTMLElement, day: HTMLElement): Promise<void> {
    const home = card.closest<HTMLElement>('.plan-day');
    this.mark(null);
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
