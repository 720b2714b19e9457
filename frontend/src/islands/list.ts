import { along, at, debounce, typing } from '../dom';
import { get, withQuery } from '../http';
import htmx from '../htmx';
import { t } from '../strings';
import { edit } from './cell';
import { Columns } from './columns';
import type { Change } from './live';
import { remember } from './place';

/** Rows that one request fetches again. */
const SOME = 100;
/** Milliseconds in which a second click on a cell may follow, which edits it instead of showing its record. */
const TWICE = 350;

/** A table that is worked by keys: moving, choosing, peeking, opening, editing, and a bar for the chosen rows. */
export class List extends HTMLElement {
  private stop = new AbortController();
  private last: HTMLInputElement | null = null;
  private clicked?: ReturnType<typeof setTimeout>;
  private readonly follow = debounce(120, (row: HTMLElement) => this.peek(row));
  private readonly stale = new Set<string>();
  private readonly renew = debounce(250, () => void this.refetch());

  connectedCallback(): void {
    const signal = this.stop.signal;
    const table = this.querySelector('table');
    if (table) new Columns(table, this.dataset.columnsUrl ?? '');
    this.addEventListener('click', (event) => this.pointed(event), { signal });
    this.addEventListener('change', (event) => this.change(event), { signal });
    document.addEventListener('keydown', (event) => this.press(event), { signal });
    document.addEventListener('click', (event) => this.panel(event), { signal });
    this.addEventListener('htmx:load', () => this.arrived(), { signal });
    document.addEventListener('pv:changed', (event) => this.changed((event as CustomEvent<Change>).detail), { signal });
    document.addEventListener('bulk-done', () => this.clear(), { signal });
    // What was held back while someone typed, or while nobody looked, comes when they are done.
    for (const name of ['focusout', 'visibilitychange'])
      document.addEventListener(name, () => this.stale.size && this.renew(), { signal });
    const rows = new URL(this.dataset.rowsUrl ?? '', location.href);
    const object = rows.pathname.split('/').at(-2);
    if (this.dataset.rowsUrl && object) remember(object, rows.search.slice(1));
    this.count();
  }

  disconnectedCallback(): void {
    this.stop.abort();
    clearTimeout(this.clicked);
    this.stop = new AbortController();
  }

  private rows = () => [...this.querySelectorAll<HTMLTableRowElement>('tbody tr[data-id]:not([hidden])')];
  private boxes = () => [...this.querySelectorAll<HTMLInputElement>('tbody .sel input[name=ids]')];
  private get all(): HTMLInputElement | null {
    return this.querySelector('[data-bulk] input[name=all]');
  }
  private get current(): HTMLTableRowElement | undefined {
    const focused = document.activeElement?.closest<HTMLTableRowElement>('tr[data-id]');
    return focused && this.contains(focused) ? focused : this.rows().find((row) => row.tabIndex === 0);
  }

  // Choosing

  private change(event: Event): void {
    const box = event.target as HTMLInputElement;
    if (box.matches('[data-select-all]')) {
      for (const other of this.boxes()) other.checked = box.checked;
      this.match(false);
    } else if (box.name === 'ids') {
      if (!box.checked) this.match(false);
      this.last = box;
    }
    this.count();
  }

  private range(to: HTMLInputElement): void {
    const boxes = this.boxes();
    const [first, last] = [boxes.indexOf(this.last ?? to), boxes.indexOf(to)].sort((a, b) => a - b) as [number, number];
    for (const box of boxes.slice(Math.max(first, 0), last + 1)) box.checked = true;
    this.count();
  }

  private match(on: boolean): void {
    if (this.all) this.all.value = on ? '1' : '';
  }

  private clear(): void {
    for (const box of this.boxes()) box.checked = false;
    this.match(false);
    this.count();
  }

  private count(): void {
    const boxes = this.boxes();
    const chosen = boxes.filter((box) => box.checked).length;
    const everything = this.all?.value === '1';
    const head = this.querySelector<HTMLInputElement>('[data-select-all]');
    if (head) {
      head.checked = chosen > 0 && chosen === boxes.length;
      head.indeterminate = chosen > 0 && chosen < boxes.length;
    }
    const bar = this.querySelector<HTMLElement>('[data-bulk]');
    if (!bar) return;
    bar.hidden = chosen === 0;
    const total = Number(this.querySelector<HTMLElement>('tfoot [data-total]')?.dataset.total ?? this.dataset.total ?? 0);
    const words = bar.querySelector('[data-bulk-count]');
    if (words) words.textContent = everything ? t('all_selected', { n: total }) : t('selected', { n: chosen });
    const match = bar.querySelector<HTMLElement>('[data-bulk-match]');
    if (match) match.hidden = everything || chosen < boxes.length || total <= chosen;
  }

  /** Rows that came later belong to a choice of everything. */
  private arrived(): void {
    if (this.all?.value === '1') for (const box of this.boxes()) box.checked = true;
    this.count();
  }

  // Living

  /** Notes which of the rows at hand a change concerns; all of them where nobody knows. */
  private changed({ object, ids }: Change): void {
    if (object !== this.dataset.object && object !== '*') return;
    const named = ids?.map(String);
    for (const { dataset } of this.rows()) if (!named || named.includes(dataset.id ?? '')) this.stale.add(dataset.id ?? '');
    if (this.stale.size) this.renew();
  }

  /** Fetches changed rows again, some at a time, and puts each in its place; those that are gone are taken away. */
  private async refetch(): Promise<void> {
    if (document.hidden || !this.dataset.rowsUrl) return;
    const rows = this.rows().filter((row) => this.stale.has(row.dataset.id ?? '') && !row.querySelector('.editing'));
    for (const row of rows) this.stale.delete(row.dataset.id ?? '');
    for (let from = 0; from < rows.length; from += SOME) {
      const some = rows.slice(from, from + SOME);
      const ids = some.map((row) => row.dataset.id).join(',');
      const answer = await get(withQuery(this.dataset.rowsUrl, { ids })).catch(() => null);
      if (!answer?.ok) return;
      const template = document.createElement('template');
      template.innerHTML = await answer.text();
      for (const row of some) {
        const fresh = template.content.querySelector<HTMLTableRowElement>(`tr[data-id="${row.dataset.id}"]`);
        if (row.querySelector('.editing')) this.stale.add(row.dataset.id ?? '');
        else if (fresh) this.replace(row, fresh);
        else row.remove();
      }
    }
    this.count();
  }

  /** A row takes another's place: chosen, peeked and focused as that was. */
  private replace(row: HTMLTableRowElement, fresh: HTMLTableRowElement): void {
    const box = fresh.querySelector<HTMLInputElement>('input[name=ids]');
    if (box) box.checked = !!row.querySelector('input[name=ids]:checked');
    fresh.classList.toggle('peeked', row.classList.contains('peeked'));
    if (row.hasAttribute('tabindex')) fresh.tabIndex = row.tabIndex;
    const focused = row.contains(document.activeElement) ? document.activeElement : null;
    const column = focused?.closest<HTMLTableCellElement>('td,th')?.cellIndex;
    row.replaceWith(fresh);
    htmx.process(fresh);
    if (!focused) return;
    const cell = column === undefined ? null : fresh.cells[column];
    const place = focused.matches('input[name=ids]') ? box : focused === row ? fresh : cell;
    if (place === cell && cell) cell.tabIndex = -1;
    place?.focus({ preventScroll: true });
  }

  // Groups

  /** Opens or closes a group: its rows are all that stand between its head and the next. */
  private fold(head: HTMLElement): void {
    const open = head.getAttribute('aria-expanded') !== 'true';
    head.setAttribute('aria-expanded', String(open));
    let row = head.closest('tr')?.nextElementSibling;
    // What has not been fetched yet is fetched when it comes into sight.
    for (; row && !row.matches('.grp'); row = row.nextElementSibling) row.toggleAttribute('hidden', !open);
  }

  // Moving

  private focusRow(row: HTMLTableRowElement | undefined): void {
    if (!row) return;
    for (const other of this.rows()) other.tabIndex = other === row ? 0 : -1;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: 'nearest' });
    if (this.aside && !this.aside.hidden) this.follow(row);
  }

  private pointed(event: MouseEvent): void {
    const head = at(event, '[data-fold]');
    if (head) this.fold(head);
    const box = at<HTMLInputElement>(event, 'input[name=ids]');
    if (box && event.shiftKey) this.range(box);
    if (at(event, '[data-bulk-clear]')) this.clear();
    if (at(event, '[data-bulk-match]')) {
      this.match(true);
      this.count();
    }
    clearTimeout(this.clicked);
    const row = at<HTMLTableRowElement>(event, 'tbody tr[data-id]');
    if (!row || at(event, 'a,button,input,select,textarea,label,summary,.editing,.sel')) return;
    if (event.detail === 1 && !getSelection()?.toString()) {
      this.focusRow(row);
      if (matchMedia('(min-width:721px)').matches)
        this.clicked = setTimeout(() => this.peek(row), at(event, '[data-edit]') && this.aside?.hidden ? TWICE : 0);
      else if (row.dataset.href) location.assign(row.dataset.href);
    }
  }

  private press(event: KeyboardEvent): void {
    const inside = this.contains(event.target as Node) || event.target === document.body || !!at(event, '.peek');
    if (typing(event) || event.defaultPrevented || !inside || event.ctrlKey || event.metaKey || event.altKey) return;
    const cell = at<HTMLTableCellElement>(event, 'tbody td,tbody th');
    const row = this.current;
    const rows = this.rows();
    const key = event.key.startsWith('Arrow') || event.key.length > 1 ? event.key : event.code;
    const step = key === 'KeyJ' || key === 'ArrowDown' ? 1 : key === 'KeyK' || key === 'ArrowUp' ? -1 : 0;
    const free = !at(event, 'button,summary,a,input');
    if (step && (free || key.startsWith('Key') || at(event, 'tr')))
      this.focusRow(rows[row ? rows.indexOf(row) + step : 0]);
    else if (key === 'Escape' && this.aside && !this.aside.hidden) this.closePeek();
    else if (key === 'Escape' && this.boxes().some((box) => box.checked)) this.clear();
    else if (!row) return;
    else if (key === 'KeyX' || (key === 'Space' && event.shiftKey)) this.toggle(row);
    else if (key === 'Space' && free) this.peek(row);
    else if (key === 'Enter' && event.target === row && row.dataset.href) location.assign(row.dataset.href);
    else if (key === 'KeyE' && row.dataset.editUrl)
      void htmx.ajax('get', row.dataset.editUrl, { target: '#dialog', swap: 'innerHTML' });
    else if (key === 'F2') {
      const first = row.querySelector<HTMLElement>('[data-edit]');
      if (first) void edit(first);
    } else if (along(key, this) && free) this.focusCell(row, cell, along(key, this));
    else return;
    event.preventDefault();
  }

  private focusCell(row: HTMLTableRowElement, cell: HTMLTableCellElement | null, step: number): void {
    const cells = [...row.querySelectorAll<HTMLTableCellElement>('[data-edit]')];
    const next = cell && cells.includes(cell) ? cells[cells.indexOf(cell) + step] : cells.at(step > 0 ? 0 : -1);
    if (!next) return;
    next.tabIndex = -1;
    next.focus();
  }

  private toggle(row: HTMLElement): void {
    const box = row.querySelector<HTMLInputElement>('input[name=ids]');
    if (!box) return;
    box.checked = !box.checked;
    box.dispatchEvent(new Event('change', { bubbles: true }));
  }

  // Peeking

  private get aside(): HTMLElement | null {
    return document.querySelector(this.dataset.peekTarget ?? '#peek');
  }

  private peek(row: HTMLElement): void {
    const aside = this.aside;
    if (!aside || !row.dataset.peek) return;
    if (!aside.hidden && row.classList.contains('peeked')) return;
    for (const other of this.rows()) other.classList.toggle('peeked', other === row);
    aside.hidden = false;
    void htmx.ajax('get', row.dataset.peek, { target: aside, swap: 'innerHTML' });
  }

  private closePeek(): void {
    if (!this.aside) return;
    this.aside.hidden = true;
    const row = this.querySelector<HTMLTableRowElement>('tr.peeked');
    row?.classList.remove('peeked');
    row?.focus({ preventScroll: true });
  }

  private panel(event: Event): void {
    if (!at(event, '.peek')) return;
    if (at(event, '[data-peek-close]')) this.closePeek();
    const step = at(event, '[data-peek-next]') ? 1 : at(event, '[data-peek-prev]') ? -1 : 0;
    const rows = this.rows();
    const next = rows[rows.findIndex((row) => row.classList.contains('peeked')) + step];
    if (step && next) {
      next.scrollIntoView({ block: 'nearest' });
      this.peek(next);
    }
  }
}
