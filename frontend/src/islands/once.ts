/** A press is carried out once: while its answer is on its way, what was pressed takes no other; and what stays on the page
 * is another sending once it was answered. The server holds the same by the token that each form was rendered with, and that
 * a button outside forms is given here. */
import { FIELD, fresh, HEADER } from '../token';

/** So long a form that leads elsewhere takes no second press: a file that it fetches leaves the page where it is. */
const LEAVING = 8000;

interface Request {
  elt: HTMLElement;
  verb: string;
  triggeringEvent?: Event;
}
const busy = new Map<HTMLElement, HTMLElement[]>();
/** The tokens of what is pressed outside forms, until it was answered. */
const tokens = new WeakMap<Element, string>();

/** Whether somebody pressed something that writes; what asks by itself, as one types, has rules of its own. */
const isPress = ({ verb, triggeringEvent }: Request): boolean =>
  verb !== 'get' && (triggeringEvent?.type === 'submit' || triggeringEvent?.type === 'click');

const buttons = (elt: HTMLElement): HTMLElement[] =>
  elt instanceof HTMLFormElement
    ? ([...elt.elements] as HTMLElement[]).filter((one) => one.matches('button:not([type=button],[type=reset]),input[type=submit]'))
    : [elt];

function hold(elt: HTMLElement): void {
  // Not `disabled`: that would take the focus from whoever pressed by a key.
  const held = buttons(elt).filter((one) => one.getAttribute('aria-disabled') !== 'true');
  for (const one of held) one.setAttribute('aria-disabled', 'true');
  elt.setAttribute('aria-busy', 'true');
  busy.set(elt, held);
}

function release(elt: HTMLElement): void {
  for (const one of busy.get(elt) ?? []) one.removeAttribute('aria-disabled');
  elt.removeAttribute('aria-busy');
  busy.delete(elt);
}

function tokenOf(elt: Element): string {
  const token = tokens.get(elt) ?? fresh();
  tokens.set(elt, token);
  return token;
}

/** Makes what is pressed next another sending. */
function renew(elt: Element): void {
  tokens.delete(elt);
  const field = elt.closest('form')?.querySelector<HTMLInputElement>(`input[name="${FIELD}"]`);
  if (field) field.value = fresh();
}

// Before anybody is asked whether they mean it.
document.addEventListener(
  'htmx:confirm',
  (event) => {
    const { detail } = event as CustomEvent<Request>;
    if (!busy.has(detail.elt) || !isPress(detail)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);
document.addEventListener('htmx:configRequest', (event) => {
  const { detail } = event as CustomEvent<Request & { formData: FormData; headers: Record<string, string> }>;
  // What only looks at the form as it is filled in so far sends nothing.
  if (!isPress(detail)) detail.formData.delete(FIELD);
  else if (!detail.formData.has(FIELD)) detail.headers[HEADER] = tokenOf(detail.elt);
});
document.addEventListener('htmx:beforeSend', (event) => {
  const { elt, requestConfig } = (event as CustomEvent<{ elt: HTMLElement; requestConfig: Request }>).detail;
  if (isPress(requestConfig)) hold(elt);
});
document.addEventListener('htmx:afterRequest', (event) => {
  const { elt, successful, requestConfig } = (
    event as CustomEvent<{ elt: HTMLElement; successful: boolean; requestConfig: Request }>
  ).detail;
  release(elt);
  if (successful && isPress(requestConfig)) renew(elt);
});
// The form was sent before with something else in it: whoever sends it again, having been told, means it.
document.addEventListener('renewToken', (event) => renew(event.target as Element));

// Forms without htmx, once nobody else has taken the press.
addEventListener('submit', (event) => {
  const form = event.target as HTMLFormElement;
  if (event.defaultPrevented || form.getAttribute('method') !== 'post' || form.getAttribute('target')) return;
  if (busy.has(form)) return event.preventDefault();
  hold(form);
  setTimeout(() => release(form), LEAVING);
});
// Gone back to, the page stands as it was left.
addEventListener('pageshow', (event) => {
  if (event.persisted) for (const elt of [...busy.keys()]) release(elt);
});
