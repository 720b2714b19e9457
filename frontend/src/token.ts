/** By what the server knows one sending from another: sent twice with the same, it has its effect once (`web/shell/once.py`). */

/** The field of a form that carries it. */
export const FIELD = 'one-time';
/** The header that does where there is no form. */
export const HEADER = 'X-One-Time';

export function fresh(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
