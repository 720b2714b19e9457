import { along, at, debounce } from '../dom';
import { post } from '../http';
import { complain } from '../htmx';

const LEAST = 56;

/** Column widths and order of a list: by pointer on the head, by Alt-arrow on the keyboard; kept by POST. */
export class Columns {
  private readonly keep = debounce(400, () => void this.send());

  constructor(
    private readonly table: HTMLTableElement,
    private readonly url: string,
  ) {
    for (const col of table.querySelectorAll<HTMLTableColElement>('col[data-w]'))
      col.style.setProperty('inline-size', `${col.dataset.w}px`);
    this.pin();
    if (!url) return;
    for (const head of this.heads()) {
      const grip = document.createElement('span');
      grip.className = 'grip';
      head.append(grip);
      head.draggable = true;
    }
    const row = table.tHead;
    row?.addEventListener('pointerdown', (event) => this.resize(event));
    row?.addEventListener('keydown', (event) => this.press(event));
    row?.addEventListener('click', (event) => at(event, '.grip') && event.stopPropagation());
    this.reorder(row);
  }

  private heads = () => [...this.table.querySelectorAll<HTMLTableCellElement>('thead th[data-col]')];
  private col = (key: string) => this.table.querySelector<HTMLTableColElement>(`col[data-col="${key}"]`);

  /** Columns that stay: each begins where those before it end. The title column stays by the style sheet alone. */
  private pin(): void {
    const count = Number(this.table.dataset.pinned ?? '1');
    if (count < 2 && !Columns.pins) return;
    const heads = this.heads();
    let edge = heads[0]?.previousElementSibling?.getBoundingClientRect().width ?? 0;
    const rules = heads.slice(0, count).map((head, n) => {
      const rule = `tr>:nth-child(${head.cellIndex + 1}):not(.whole){position:sticky;inset-inline-start:${edge}px;z-index:${n === 0 ? 2 : 1}}`;
      edge += head.getBoundingClientRect().width;
      return rule;
    });
    const sheet = new CSSStyleSheet();
    const scope = 'pv-list .tbl[data-pinned]';
    const tops = '{z-index:4}';
    if (count > 1)
      sheet.replaceSync(
        `@media (min-width:721px){${rules.map((rule) => `${scope} ${rule}`).join('')}` +
          heads.slice(0, count).map((head) => `${scope} :is(thead,tfoot)>tr>:nth-child(${head.cellIndex + 1})${tops}`).join('') + '}',
      );
    document.adoptedStyleSheets = [...document.adoptedStyleSheets.filter((other) => other !== Columns.pins), sheet];
    Columns.pins = sheet;
  }

  private static pins: CSSStyleSheet | null = null;

  private resize(event: PointerEvent): void {
    const grip = at(event, '.grip');
    const head = grip?.closest('th');
    const col = head && this.col(head.dataset.col ?? '');
    if (!grip || !head || !col) return;
    event.preventDefault();
    head.draggable = false;
    grip.setPointerCapture(event.pointerId);
    const start = head.offsetWidth;
    const sign = getComputedStyle(head).direction === 'rtl' ? -1 : 1;
    const drag = (move: PointerEvent) => {
      const width = Math.max(LEAST, Math.round(start + sign * (move.clientX - event.clientX)));
      col.style.setProperty('inline-size', `${width}px`);
      col.dataset.w = String(width);
    };
    grip.addEventListener('pointermove', drag);
    grip.addEventListener(
      'lostpointercapture',
      () => {
        grip.removeEventListener('pointermove', drag);
        head.draggable = true;
        this.pin();
        this.keep();
      },
      { once: true },
    );
  }

  private reorder(row: HTMLElement | null): void {
    let held: HTMLTableCellElement | null = null;
    const over = (target: Element | null) => {
      for (const head of this.heads()) head.classList.toggle('over', head === target && head !== held);
    };
    row?.addEventListener('dragstart', (event) => {
      held = at<HTMLTableCellElement>(event, 'th[data-col]');
      event.dataTransfer?.setData('text/plain', held?.dataset.col ?? '');
    });
    row?.addEventListener('dragover', (event) => {
      const target = at(event, 'th[data-col]');
      if (!held || !target) return;
      event.preventDefault();
      over(target);
    });
    row?.addEventListener('drop', (event) => {
      const target = at<HTMLTableCellElement>(event, 'th[data-col]');
      if (!held || !target || held === target) return;
      event.preventDefault();
      this.moveBefore(held.cellIndex, target.cellIndex);
    });
    row?.addEventListener('dragend', () => {
      held = null;
      over(null);
    });
  }

  private press(event: KeyboardEvent): void {
    const head = at<HTMLTableCellElement>(event, 'th[data-col]');
    const step = event.altKey && head ? along(event.key, head) : 0;
    if (!head || !step) return;
    event.preventDefault();
    const neighbour = this.heads()[this.heads().indexOf(head) + step];
    if (!neighbour) return;
    this.moveBefore(head.cellIndex, step < 0 ? neighbour.cellIndex : neighbour.cellIndex + 1);
    (head.querySelector('a,button') as HTMLElement | null)?.focus();
  }

  private moveBefore(from: number, to: number): void {
    const cols = this.table.querySelector('colgroup')?.children;
    const move = (cells: HTMLCollection | undefined) => {
      const cell = cells?.[from];
      if (cell && cells.length > Math.max(from, to - 1)) cell.parentNode?.insertBefore(cell, cells[to] ?? null);
    };
    move(cols);
    for (const row of this.table.rows) if (row.cells.length > 1) move(row.cells);
    this.pin();
    this.keep();
  }

  private async send(): Promise<void> {
    const keys = this.heads().map((head) => head.dataset.col ?? '');
    const widths = keys.flatMap((key) => {
      const width = this.col(key)?.dataset.w;
      return width ? [`${key}:${width}`] : [];
    });
    const answer = await post(this.url, { order: keys.join(','), widths: widths.join(',') }).catch(() => null);
    if (answer?.ok) this.spread();
    else complain(answer);
  }

  /** Links that lead to this list in another state keep the columns as they are now in the address. */
  private spread(): void {
    const columns = new URLSearchParams(location.search).get('columns');
    if (columns === null) return;
    for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href^="?"]')) {
      const query = new URLSearchParams(link.search);
      query.set('columns', columns);
      link.setAttribute('href', `?${query}`);
    }
  }
}
