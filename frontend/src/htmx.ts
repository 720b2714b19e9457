import htmx from 'htmx.org';
import { meta } from './dom';
import { t } from './strings';
import { toast } from './islands/toast';

Object.assign(htmx.config, {
  allowEval: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  historyCacheSize: 0, // pages hold customers' data: nothing of them stays in the browser's storage
  scrollIntoViewOnBoost: false,
  attributesToSettle: ['class', 'width', 'height'], // a style attribute that htmx carried over would break the policy
  responseHandling: [
    { code: '204', swap: false },
    { code: '[23]..', swap: true },
    { code: '422', swap: true },
    { code: '[45]..', swap: false, error: true },
  ],
});

/** What a failed answer means to the person. */
export function explain(status: number): string {
  if (status === 401) return t('signed_out');
  if (status === 403) return t('forbidden');
  if (status === 404) return t('not_found');
  return status === 0 || status >= 500 ? t('not_saved') : t('failed');
}

/** Says that an answer failed, unless the server says so in words of its own. */
export function complain(answer: Response | null): void {
  if (!answer?.headers.get('HX-Trigger')?.includes('toast')) toast({ text: explain(answer?.status ?? 0), kind: 'bad' });
}

document.addEventListener('htmx:configRequest', (event) => {
  const { verb, headers } = (event as CustomEvent<{ verb: string; headers: Record<string, string> }>).detail;
  if (verb !== 'get') headers['X-CSRFToken'] = meta('csrf-token');
});
document.addEventListener('htmx:responseError', (event) => {
  const { xhr, elt } = (event as CustomEvent<{ xhr: XMLHttpRequest; elt: HTMLElement }>).detail;
  // A part that followed a record which is gone asked for itself: it follows no longer, and nobody did anything wrong.
  if (xhr.status === 404 && elt.dataset.liveUrl && xhr.responseURL === new URL(elt.dataset.liveUrl, location.href).href)
    return elt.removeAttribute('data-live');
  // A server that has its own words says them by a toast of its own.
  if (!xhr.getResponseHeader('HX-Trigger')?.includes('toast')) toast({ text: explain(xhr.status), kind: 'bad' });
});
for (const name of ['htmx:sendError', 'htmx:timeout'])
  document.addEventListener(name, () => toast({ text: explain(0), kind: 'bad' }));

// What was pressed may be gone when its answer comes, because a colleague's change drew that part of the page anew.
// htmx tells the answer's events to what was pressed, and nobody would hear of the undo: the page hears them instead.
document.addEventListener('htmx:beforeSend', (event) => {
  const { elt, xhr } = (event as CustomEvent<{ elt: Element; xhr: XMLHttpRequest }>).detail;
  xhr.addEventListener('readystatechange', () => {
    if (xhr.readyState !== XMLHttpRequest.DONE || elt.isConnected) return;
    const said = xhr.getResponseHeader('HX-Trigger');
    if (!said?.startsWith('{')) return;
    for (const [name, value] of Object.entries(JSON.parse(said) as Record<string, unknown>))
      htmx.trigger(document.body, name, value && typeof value === 'object' ? value : { value });
  });
});

let loading = 0;
const progress = (step: number) => () => {
  loading = Math.max(0, loading + step);
  document.documentElement.toggleAttribute('data-loading', loading > 0);
};
document.addEventListener('htmx:beforeSend', progress(1));
document.addEventListener('htmx:afterRequest', progress(-1));

export default htmx;
