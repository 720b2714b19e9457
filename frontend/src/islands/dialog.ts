import { at, h } from '../dom';
import htmx from '../htmx';
import { t } from '../strings';

/** The page's one dialog for fragments. */
export function frame(): HTMLDialogElement {
  const found = document.querySelector<HTMLDialogElement>('dialog#dialog');
  if (found) return found;
  const made = h('dialog', { class: 'modal', id: 'dialog' });
  document.body.append(made);
  return made;
}

/** Fills the dialog with HTML and opens it; resolves to true when it was closed as done. */
export function open(html: string): Promise<boolean> {
  const dialog = frame();
  dialog.innerHTML = html;
  htmx.process(dialog);
  show(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'done'), { once: true });
  });
}

function show(dialog: HTMLDialogElement): void {
  if (dialog.open) return;
  dialog.returnValue = '';
  const title = dialog.querySelector<HTMLElement>('h2');
  if (title) dialog.setAttribute('aria-labelledby', (title.id ||= 'dialog-title'));
  dialog.showModal();
  const first = dialog.querySelector<HTMLElement>(
    '[autofocus],[aria-invalid=true],.modal-b :is(input:not([type=hidden]),select,textarea)',
  );
  first?.focus();
}

const dirty = new Set<HTMLFormElement>();
const kept = (within: ParentNode): boolean =>
  [...dirty].some((form) => form.isConnected && within.contains(form as Node));

async function leave(dialog: HTMLDialogElement): Promise<void> {
  if (kept(dialog) && !(await ask(t('leave'), t('leave_ok'), 'danger'))) return;
  dialog.close('cancelled');
}

/** Asks a yes-or-no question in a dialog of its own. */
export function ask(question: string, yes = t('ok'), kind = ''): Promise<boolean> {
  const dialog = h(
    'dialog',
    { class: 'modal', 'aria-label': question },
    h(
      'form',
      { class: 'modal-box modal-narrow', method: 'dialog' },
      h('div', { class: 'modal-b' }, question),
      h(
        'footer',
        { class: 'modal-f' },
        h('button', { class: 'btn', value: '' }, t('cancel')),
        h('button', { class: `btn ${kind === 'danger' ? 'danger-solid' : 'primary'}`, value: 'yes', autofocus: true }, yes),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
  });
}

document.addEventListener('htmx:afterSwap', (event) => {
  const { target, xhr } = (event as CustomEvent<{ target: Element; xhr?: XMLHttpRequest }>).detail;
  // An answer that puts nothing in also ends here: what it closed stays closed.
  if (xhr?.getResponseHeader('HX-Reswap') === 'none') return;
  if (target instanceof HTMLDialogElement && target.id === 'dialog' && target.childElementCount) show(target);
  // What was chosen in a sheet has changed the page beneath it.
  else if (target.id === 'main' && frame().open) frame().close('done');
});
document.addEventListener('closeDialog', () => {
  const dialog = frame();
  dirty.clear();
  if (dialog.open) dialog.close('done');
});
document.addEventListener(
  'close',
  (event) => {
    if (event.target instanceof HTMLDialogElement && event.target.id === 'dialog') event.target.replaceChildren();
  },
  true,
);
document.addEventListener(
  'cancel',
  (event) => {
    if (!(event.target instanceof HTMLDialogElement) || event.target.id !== 'dialog') return;
    event.preventDefault();
    void leave(event.target);
  },
  true,
);
// What the server offers once something is done; where the answer leads to another page, it opens on that one.
document.addEventListener('offer', (event) => {
  const { url, elsewhere } = (event as CustomEvent<{ url: string; elsewhere: boolean }>).detail;
  const ask = () => void htmx.ajax('get', url, { target: '#dialog', swap: 'innerHTML' });
  if (!elsewhere) return ask();
  const wait = (settled: Event) => {
    if ((settled as CustomEvent<{ target: Element }>).detail.target.id !== 'main') return;
    document.removeEventListener('htmx:afterSettle', wait);
    ask();
  };
  document.addEventListener('htmx:afterSettle', wait);
});
let pressed: EventTarget | null = null;
document.addEventListener('pointerdown', (event) => (pressed = event.target));
document.addEventListener('click', (event) => {
  const dialog = frame();
  const outside = event.target === dialog && pressed === dialog;
  if (dialog.open && (outside || at(event, '#dialog [data-close]'))) void leave(dialog);
});

// Forms that would lose something
document.addEventListener('input', (event) => {
  const form = at<HTMLFormElement>(event, 'form[data-guard]');
  if (form) dirty.add(form);
});
for (const name of ['submit', 'reset'])
  document.addEventListener(name, (event) => dirty.delete(event.target as HTMLFormElement));
document.addEventListener('htmx:afterRequest', (event) => {
  const { elt, successful } = (event as CustomEvent<{ elt: Element; successful: boolean }>).detail;
  if (elt instanceof HTMLFormElement && elt.dataset.guard !== undefined && !successful) dirty.add(elt);
});
addEventListener('beforeunload', (event) => {
  if (kept(document)) event.preventDefault();
});

// data-confirm, and guarded forms, before htmx moves
document.addEventListener('htmx:confirm', (event) => {
  const { elt, target, issueRequest, verb } = (
    event as CustomEvent<{ elt: HTMLElement; target: Element; issueRequest: (skip: boolean) => void; verb: string }>
  ).detail;
  const question = elt.dataset.confirm;
  const leaving = verb === 'get' && target && kept(target);
  if (!question && !leaving) return;
  event.preventDefault();
  const { confirmOk, confirmKind } = elt.dataset;
  const answer = question ? ask(question, confirmOk, confirmKind) : ask(t('leave'), t('leave_ok'), 'danger');
  void answer.then((yes) => {
    if (!yes) return;
    if (leaving) dirty.clear();
    issueRequest(true);
  });
});
document.addEventListener('submit', (event) => {
  const form = event.target as HTMLFormElement;
  const question = form.dataset.confirm;
  const viaHtmx = form.matches('[hx-post],[hx-get],[hx-put],[hx-patch],[hx-delete]');
  if (!question || viaHtmx || form.dataset.confirmed) return;
  event.preventDefault();
  void ask(question, form.dataset.confirmOk, form.dataset.confirmKind).then((yes) => {
    if (!yes) return;
    form.dataset.confirmed = 'yes';
    form.requestSubmit(event.submitter);
  });
});
