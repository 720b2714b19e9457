import { meta } from './dom';

/** GETs a fragment as htmx would. */
export const get = (url: string, signal?: AbortSignal): Promise<Response> =>
  fetch(url, { headers: { 'HX-Request': 'true' }, credentials: 'same-origin', signal: signal ?? null });

/**
 * POSTs form fields with the CSRF token; what the server sends in `HX-Trigger` is dispatched as events,
 * and the address becomes what it says in `HX-Replace-Url`.
 */
export async function post(url: string, body: Record<string, string> | FormData): Promise<Response> {
  const data = body instanceof FormData ? body : new URLSearchParams(body);
  const response = await fetch(url, {
    method: 'POST',
    body: data,
    headers: { 'X-CSRFToken': meta('csrf-token'), 'HX-Request': 'true' },
    credentials: 'same-origin',
  });
  const place = response.headers.get('HX-Replace-Url');
  if (place) history.replaceState(history.state, '', place);
  announce(response);
  return response;
}

/** Dispatches as events what the server sent in `HX-Trigger`. */
export function announce(response: Response): void {
  const header = response.headers.get('HX-Trigger');
  if (!header) return;
  const events: Record<string, unknown> = header.startsWith('{')
    ? (JSON.parse(header) as Record<string, unknown>)
    : Object.fromEntries(header.split(',').map((name) => [name.trim(), null]));
  for (const [name, detail] of Object.entries(events))
    document.body.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
}

/** Adds a query to an address that may have one. */
export function withQuery(url: string, query: Record<string, string>): string {
  const address = new URL(url, location.href);
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  return address.pathname + address.search;
}
