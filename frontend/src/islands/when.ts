import { fold } from '../digits';

/** A condition of the server's one filter language, as far as a form can answer it. */
type Condition = { and: Condition[] } | { or: Condition[] } | { not: Condition } | { field: string; op: string; value?: unknown };

/** Show a field of a form only while its condition holds. What the form cannot answer (a date's range) shows it. */
export function watch(field: HTMLElement): void {
  const form = field.closest('form');
  if (!form) return;
  const condition = JSON.parse(field.dataset.when ?? 'null') as Condition | null;
  if (!condition) return;
  const renew = () => {
    field.hidden = holds(condition, form) === false;
  };
  form.addEventListener('input', renew);
  form.addEventListener('change', renew);
  renew();
}

/** true, false, or undefined where the form cannot tell. */
function holds(condition: Condition, form: HTMLFormElement): boolean | undefined {
  if ('and' in condition) {
    const parts = condition.and.map((part) => holds(part, form));
    return parts.includes(false) ? false : parts.includes(undefined) ? undefined : true;
  }
  if ('or' in condition) {
    const parts = condition.or.map((part) => holds(part, form));
    return parts.includes(true) ? true : parts.includes(undefined) ? undefined : false;
  }
  if ('not' in condition) {
    const part = holds(condition.not, form);
    return part === undefined ? undefined : !part;
  }
  const data = new FormData(form);
  if (!data.has(condition.field)) return undefined;
  return compare(data.getAll(condition.field).map(String).filter(Boolean), condition.op, condition.value);
}

function compare(have: string[], op: string, value: unknown): boolean | undefined {
  const wanted = (Array.isArray(value) ? value : [value]).map((each) => fold(String(each)));
  const mine = have.map(fold);
  const last = mine.at(-1) ?? '';
  switch (op) {
    case 'empty':
      return mine.length === 0;
    case 'filled':
      return mine.length > 0;
    case 'is':
      // A switch that is on sends 0 and 1.
      return typeof value === 'boolean' ? (last === '1') === value : mine.includes(wanted[0] ?? '');
    case 'is_not':
      return !mine.includes(wanted[0] ?? '');
    case 'in':
    case 'has_any':
      return mine.some((each) => wanted.includes(each));
    case 'not_in':
    case 'has_none':
      return !mine.some((each) => wanted.includes(each));
    case 'has_all':
      return wanted.every((each) => mine.includes(each));
    case 'contains':
      return last.includes(wanted[0] ?? '');
    case 'starts_with':
      return last.startsWith(wanted[0] ?? '');
    default:
      return undefined;
  }
}
