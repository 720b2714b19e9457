import { meta } from './dom';
import { FIELD, fresh, HEADER } from './token';

/** What was sent and not answered yet: the very same again, soon after, is that one. */
const unanswered = new Map<string, { token: string; at: number }>();
/** So long (ms) the same again is meant as the same, where the answer was lost. */
const SOON = 60_000;

/** GETs a fragment as htmx would. */
export const get = (url: string, signal?: AbortSignal): Promise<Response> =>
  fetch(url, { headers: { 'HX-Request': 'true' }, credentials: 'same-origin', signal: signal ?? null });

/**
 * POSTs form fields with the CSRF token, and one by which the same sent twice has its effect once; what the server sends in `HX-Trigger` is dispatched as events,
 * and the address becomes what it says in `HX-Replace-Url`.
 */
export async function post(url: string, body: Record<string, string> | FormData): Promise<Response> {
  const data = body instanceof FormData ? body : new URLSearchParams(body);
  const mine = sending(JSON.stringify([url, ...data], (_, part: unknown) => (part instanceof File ? [part.name, part.size, part.lastModified] : part)));
  const response = await fetch(url, {
    method: 'POST',
    body: data,
    headers: { 'X-CSRFToken': meta('csrf-token'), 'HX-Request': 'true', ...(data.has(FIELD) ? {} : { [HEADER]: mine.token }) },
    credentials: 'same-origin',
  });
  mine.end();
  const place = response.headers.get('HX-Replace-Url');
  if (place) history.replaceState(history.state, '', place);
  announce(response);
  return response;
}

/** The sending of ``what``, which may be one whose answer was lost; those that nobody sent again in time are forgotten. */
function sending(what: string): { token: string; end: () => void } {
  const now = Date.now();
  for (const [key, { at }] of unanswered) if (now - at > SOON) unanswered.delete(key);
  const mine = unanswered.get(what) ?? { token: fresh(), at: now };
  unanswered.set(what, mine);
  const end = () => unanswered.get(what) === mine && unanswered.delete(what);
  return { token: mine.token, end };
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
