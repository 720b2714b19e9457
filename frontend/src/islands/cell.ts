import { at } from '../dom';
import { announce, get, post } from '../http';
import htmx, { complain } from '../htmx';

const EDITABLE = 'td[data-edit],th[data-edit],dd[data-edit]';
/** The place being edited and what stood there before. */
let open: { cell: HTMLElement; before: Node[]; saving: boolean } | null = null;

/** Turns a cell into its editor; the server sends the editor's HTML. */
export async function edit(cell: HTMLElement): Promise<void> {
  if (open?.cell === cell) return;
  if (open && !(await save())) return;
  const answer = await get(cell.dataset.edit ?? '').catch(() => null);
  if (!answer?.ok) {
    // Why it does not open.
    if (answer) announce(answer);
    return complain(answer);
  }
  open = { cell, before: [...cell.childNodes], saving: false };
  fill(cell, await answer.text());
}

function fill(cell: HTMLElement, html: string): void {
  cell.innerHTML = html;
  cell.classList.add('editing');
  htmx.process(cell);
  const field = cell.querySelector<HTMLElement>('[autofocus],input:not([type=hidden]),select,textarea');
  field?.focus();
  if (field instanceof HTMLInputElement && field.type === 'text') field.select();
}

function restore(focus = true): void {
  if (!open) return;
  const { cell, before } = open;
  open = null;
  cell.classList.remove('editing');
  cell.replaceChildren(...before);
  if (focus) refocus(cell);
}

function refocus(cell: HTMLElement): void {
  cell.tabIndex = -1;
  cell.focus({ preventScroll: true });
}

/** Posts the open editor; true when nothing is left open. */
async function save(pressed: HTMLElement | null = null): Promise<boolean> {
  if (!open) return true;
  if (open.saving) return false;
  const { cell } = open;
  const form = cell.querySelector('form');
  if (!form) return (restore(), true);
  if (!form.reportValidity()) return false;
  open.saving = true;
  const answer = await post(form.getAttribute('action') || (cell.dataset.edit ?? ''), new FormData(form, pressed)).catch(() => null);
  if (!open) return true;
  open.saving = false;
  if (answer?.status === 422) {
    fill(cell, await answer.text());
    return false;
  }
  if (!answer?.ok) {
    complain(answer);
    return false;
  }
  const html = answer.status === 204 ? '' : await answer.text();
  open = null;
  put(cell, html);
  return true;
}

/** Replaces the cell, or its whole row when the answer is a row. */
function put(cell: HTMLElement, html: string): void {
  const template = document.createElement('template');
  template.innerHTML = html.trim();
  const fresh = template.content.firstElementChild;
  if (!(fresh instanceof HTMLElement)) return cell.classList.remove('editing');
  const row = cell.closest('tr');
  const column = cell instanceof HTMLTableCellElement ? cell.cellIndex : -1;
  if (fresh instanceof HTMLTableRowElement && row) {
    row.replaceWith(fresh);
    if (fresh.cells[column]) refocus(fresh.cells[column]);
  } else {
    cell.replaceWith(fresh);
    refocus(fresh);
  }
  htmx.process(fresh);
}

function neighbour(cell: HTMLElement, step: number): () => HTMLElement | undefined {
  const scope = cell.closest('table,dl');
  const selector = scope instanceof HTMLTableElement ? EDITABLE : 'dd[data-edit]';
  const place = [...(scope?.querySelectorAll<HTMLElement>(selector) ?? [])].indexOf(cell);
  // Looked up after saving, because the row may be another element by then.
  return () => [...(scope?.querySelectorAll<HTMLElement>(selector) ?? [])][place + step];
}

document.addEventListener('dblclick', (event) => {
  const cell = at(event, EDITABLE);
  if (cell && !at(event, 'a,button,input,.editing')) void edit(cell);
});
document.addEventListener('click', (event) => {
  const place = at(event, 'dd[data-edit]:not(.editing)');
  if (place && !at(event, 'a,button') && !getSelection()?.toString()) void edit(place);
});
document.addEventListener('keydown', (event) => {
  const cell = at(event, '.editing');
  if (!cell || cell !== open?.cell) {
    const place = at(event, EDITABLE);
    if (place && event.target === place && (event.key === 'Enter' || event.key === 'F2')) {
      event.preventDefault();
      event.stopPropagation();
      void edit(place);
    }
    return;
  }
  if (event.defaultPrevented) return;
  if (event.key === 'Escape') {
    event.preventDefault();
    event.stopPropagation();
    restore();
  } else if (event.key === 'Tab') {
    event.preventDefault();
    const next = neighbour(cell, event.shiftKey ? -1 : 1);
    void save().then((done) => {
      const target = done && next();
      if (target) void edit(target);
    });
  } else if (event.key === 'Enter' && !(event.target instanceof HTMLTextAreaElement)) {
    event.preventDefault();
    void save();
  }
});
document.addEventListener('submit', (event) => {
  if (!at(event, '.editing form')) return;
  event.preventDefault();
  event.stopPropagation();
  void save((event as SubmitEvent).submitter);
});
document.addEventListener('change', (event) => {
  if (at(event, '.editing :is(select,pv-date,pv-picker:not([multiple]))')) void save();
});
document.addEventListener('focusout', (event) => {
  const cell = open?.cell;
  // Whose value stays is chosen, never decided by leaving.
  if (!cell || !cell.contains(event.target as Node) || cell.querySelector('.clash')) return;
  // After the focus has settled: it may have gone to a popover of the same editor, or the window may have lost it.
  setTimeout(() => {
    const inside = open && (open.cell.contains(document.activeElement) || document.activeElement?.closest('.pop'));
    if (open?.cell === cell && !inside && document.hasFocus()) void save();
  });
});
