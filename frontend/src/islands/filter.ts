import { latin, local } from '../digits';
import { h, icon } from '../dom';
import { lang, t } from '../strings';
import { amountOf, grouped } from './amount';
import type { Picker } from './picker';

type Shape = 'one' | 'two' | 'many' | 'none' | 'range' | 'span' | 'flag';
interface Choice {
  value: string;
  label: string;
  /** What a range means today. */
  hint?: string;
}
interface Operator {
  key: string;
  label: string;
  value: Shape;
}
interface Field {
  key: string;
  label: string;
  type: string;
  unit?: string;
  operators: Operator[];
  choices?: Choice[];
  url?: string;
}
interface Schema {
  fields: Field[];
  ranges?: Choice[];
  units?: Choice[];
}
type Value = string | number | boolean | null | Value[] | { n: number; unit: string };
interface Test {
  field: string;
  op: string;
  value?: Value;
  /** labels of chosen records, kept while the page lives */
  labels?: Record<string, string>;
  /** what was typed and is no value */
  typed?: string;
  /** nobody chose anything in it yet: it asks for nothing, and is left out */
  fresh?: boolean;
}
/** All, any, not all, none of its parts: the last two are written as a negated group. */
type Join = 'and' | 'or' | 'nand' | 'nor';
interface Group {
  join: Join;
  parts: Node_[];
}
type Node_ = Test | Group;
type Json = { and: Json[] } | { or: Json[] } | { not: Json } | { field: string; op: string; value?: Value };
const DEPTH = 4;
/** More fields than this are searched, not scrolled. */
const FEW = 12;
const isGroup = (node: Node_): node is Group => 'join' in node;
/** What a date or a link is has a widget of its own. */
const DATES = new Set(['date', 'instant']);
const NUMBERS = new Set(['number', 'money']);

function fromJson(json: Json): Node_ {
  if ('and' in json) return { join: 'and', parts: json.and.map(fromJson) };
  if ('or' in json) return { join: 'or', parts: json.or.map(fromJson) };
  if ('not' in json) return negated(fromJson(json.not));
  return { ...json };
}

const NEGATED: Record<Join, Join> = { and: 'nand', or: 'nor', nand: 'and', nor: 'or' };

function negated(node: Node_): Group {
  return isGroup(node) ? { join: NEGATED[node.join], parts: node.parts } : { join: 'nor', parts: [node] };
}

function toJson(node: Node_): Json | null {
  if (!isGroup(node)) {
    if (!node.field || !node.op || node.value === undefined) return null;
    return { field: node.field, op: node.op, value: node.value };
  }
  const parts = node.parts.map(toJson).filter((part): part is Json => part !== null);
  if (!parts.length) return null;
  const group: Json = node.join === 'and' || node.join === 'nand' ? { and: parts } : { or: parts };
  return node.join === 'and' || node.join === 'or' ? group : { not: parts.length === 1 && parts[0] ? parts[0] : group };
}

/** Builds a condition of nested groups and keeps its JSON in a hidden input. */
export class Filter extends HTMLElement {
  private schema: Schema = { fields: [] };
  private root: Group = { join: 'and', parts: [] };
  private output!: HTMLInputElement;
  private body = h('div', { class: 'flt' });
  /** where a condition says what is wrong with it */
  private said = new Map<Test, HTMLElement>();
  private stop = new AbortController();

  connectedCallback(): void {
    // Before anybody else sends the form.
    this.closest('form')?.addEventListener('submit', (event) => this.check(event), { capture: true, signal: this.stop.signal });
    this.output = h('input', { type: 'hidden', name: this.getAttribute('name') ?? '', value: this.getAttribute('value') ?? '' });
    this.replaceChildren(this.output, this.body);
    void this.load();
  }

  disconnectedCallback(): void {
    this.stop.abort();
    this.stop = new AbortController();
  }

  /** Keeps the form open while a condition is unfinished: left out in silence, it would show more than was asked for. */
  private check(event: SubmitEvent): void {
    if (event.submitter instanceof HTMLButtonElement && event.submitter.formNoValidate) return;
    const tests = [...this.said.keys()];
    const open = tests.filter((test) => test.value === undefined && (test.typed || (!test.fresh && (tests.length > 1 || this.dataset.optional !== undefined))));
    for (const [test, place] of this.said) {
      const words = open.includes(test) ? (test.typed ? t('bad_number', { text: test.typed }) : t('no_value')) : '';
      place.replaceChildren(...(words ? [icon('alert'), words] : []));
      place.hidden = !words;
    }
    const first = open[0];
    if (!first) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.said.get(first)?.parentElement?.querySelector<HTMLElement>('.val :is(input:not([type=hidden]),select,button)')?.focus();
  }

  private async load(): Promise<void> {
    const source = document.getElementById(this.dataset.fields ?? '');
    const json = source ? source.textContent : await (await fetch(this.dataset.url ?? '')).text();
    this.schema = JSON.parse(json ?? '{}') as Schema;
    const given = this.getAttribute('value');
    const node = given ? fromJson(JSON.parse(given) as Json) : null;
    const labels = JSON.parse(this.dataset.labels ?? '{}') as Record<string, string>;
    this.root = node && isGroup(node) ? node : { join: 'and', parts: node ? [node] : [] };
    this.label(this.root, labels);
    // Where a condition is only one of many things to say, nothing is begun unasked.
    if (!this.root.parts.length && this.dataset.optional === undefined) this.root.parts.push(this.blank());
    this.draw(false);
  }

  private label(node: Node_, labels: Record<string, string>): void {
    if (isGroup(node)) for (const part of node.parts) this.label(part, labels);
    else node.labels = labels;
  }

  private blank(field = this.schema.fields[0]): Test {
    const operator = field?.operators[0];
    const test: Test = { field: field?.key ?? '', op: operator?.key ?? '', fresh: true };
    if (operator) this.start(test, operator);
    return test;
  }

  private start(test: Test, operator: Operator): void {
    if (operator.value === 'none') test.value = null;
    else if (operator.value === 'flag') test.value = true;
    else if (operator.value === 'range' && this.schema.ranges?.[0]) test.value = this.schema.ranges[0].value;
    else if (operator.value === 'span') test.value = { n: 7, unit: this.schema.units?.[0]?.value ?? 'day' };
    else delete test.value;
  }

  private draw(tell = true): void {
    this.said.clear();
    this.body.replaceChildren(this.group(this.root, null, 1));
    this.write(tell);
  }

  private write(tell = true): void {
    const json = toJson(this.root);
    this.output.value = json ? JSON.stringify(json) : '';
    if (tell) this.dispatchEvent(new Event('input', { bubbles: true }));
  }

  private group(group: Group, parent: Group | null, depth: number): HTMLElement {
    const join = this.select(
      [
        { value: 'and', label: t('all_of') },
        { value: 'or', label: t('any_of') },
        { value: 'nor', label: t('none_of') },
        { value: 'nand', label: t('not_all_of') },
      ],
      group.join,
      t('operator'),
      (value) => {
        group.join = value as Join;
        this.write();
      },
    );
    const add = (words: string, make: () => Node_) =>
      h(
        'button',
        { type: 'button', class: 'chip dash', onclick: () => (group.parts.push(make()), this.draw()) },
        icon('plus'),
        words,
      );
    return h(
      'fieldset',
      { class: 'flt-g' },
      (group.parts.length > 1 || parent || group.join === 'nand' || group.join === 'nor') && h('div', { class: 'join' }, join, parent && this.remover(parent, group)),
      ...group.parts.map((part) => (isGroup(part) ? this.group(part, group, depth + 1) : this.row(part, group))),
      h(
        'div',
        { class: 'flt-a' },
        add(t('add_condition'), () => this.blank()),
        depth < DEPTH && add(t('add_group'), () => ({ join: group.join === 'and' ? 'or' : 'and', parts: [this.blank()] })),
      ),
    );
  }

  private remover(parent: Group, node: Node_): HTMLElement {
    const remove = () => {
      parent.parts.splice(parent.parts.indexOf(node), 1);
      this.draw();
    };
    return h('button', { type: 'button', class: 'btn ghost sq push', 'aria-label': t('remove'), onclick: remove }, icon('x'));
  }

  private row(test: Test, parent: Group): HTMLElement {
    const field = this.schema.fields.find((item) => item.key === test.field);
    const operator = field?.operators.find((item) => item.key === test.op);
    const operators = field?.operators.map(({ key, label }) => ({ value: key, label })) ?? [];
    const wrong = h('p', { class: 'err', role: 'alert', hidden: true });
    this.said.set(test, wrong);
    return h(
      'div',
      { class: 'flt-r' },
      this.which(test, field),
      this.select(operators, test.op, t('operator'), (key) => {
        const next = field?.operators.find((item) => item.key === key);
        test.op = key;
        test.fresh = false;
        if (next && next.value !== operator?.value) this.start(test, next);
        this.draw();
      }),
      h('div', { class: 'val' }, ...(field && operator ? this.value(test, field, operator.value) : [])),
      this.remover(parent, test),
      wrong,
    );
  }

  /** The choice of the field; many are searched, not scrolled. */
  private which(test: Test, field: Field | undefined): HTMLElement {
    const pick = (key: string) => {
      if (key === test.field) return;
      const place = [...this.body.querySelectorAll('.flt-r')].findIndex((row) => row.contains(control));
      const next = this.blank(this.schema.fields.find((item) => item.key === key));
      delete test.value;
      Object.assign(test, next, { fresh: false });
      this.draw();
      this.body.querySelectorAll('.flt-r')[place]?.querySelector<HTMLElement>('select')?.focus();
    };
    const fields = this.schema.fields;
    const control: HTMLElement =
      fields.length <= FEW
        ? this.select(fields.map(({ key, label }) => ({ value: key, label })), test.field, t('field'), pick)
        : this.searched(fields, field, pick);
    return control;
  }

  private searched(fields: Field[], now: Field | undefined, pick: (key: string) => void): HTMLElement {
    const picker = h(
      'pv-picker' as 'div',
      { class: 'which', 'data-label': t('field'), 'data-kept': true },
      now && h('input', { type: 'hidden', value: now.key, 'data-label': now.label }),
    ) as unknown as Picker;
    picker.options = fields.map(({ key, label }) => ({ id: key, label }));
    picker.addEventListener('input', (event) => event.stopPropagation());
    picker.addEventListener('change', (event) => {
      event.stopPropagation();
      if (picker.value[0]) pick(picker.value[0]);
    });
    return picker;
  }

  /** The inputs for a value of a shape. */
  private value(test: Test, field: Field, shape: Shape): HTMLElement[] {
    const set = (value: Value | undefined) => {
      if (value === undefined) delete test.value;
      else test.value = value;
      delete test.typed;
      this.write();
    };
    const odd = (text: string) => (test.typed = text);
    if (shape === 'none') return [];
    if (shape === 'flag') {
      const choices = [{ value: 'yes', label: t('yes') }, { value: 'no', label: t('no') }];
      return [this.select(choices, test.value === false ? 'no' : 'yes', t('value'), (value) => set(value === 'yes'))];
    }
    if (shape === 'range') {
      const ranges = this.schema.ranges ?? [];
      const hint = h('span', { class: 'xs faint', role: 'status' });
      const tell = (value: string) => (hint.textContent = ranges.find((range) => range.value === value)?.hint ?? '');
      tell(String(test.value ?? ''));
      return [this.select(ranges, String(test.value ?? ''), t('value'), (value) => (tell(value), set(value))), hint];
    }
    if (shape === 'span') {
      const span = (test.value ?? { n: 7, unit: 'day' }) as { n: number; unit: string };
      const amount = this.input('number', String(span.n), (text) => set({ ...span, n: (span.n = Number(text) || 1) }));
      amount.setAttribute('min', '1');
      return [amount, this.select(this.schema.units ?? [], span.unit, t('value'), (unit) => set({ ...span, unit: (span.unit = unit) }))];
    }
    if (shape === 'two') {
      const pair = (Array.isArray(test.value) ? [...test.value] : [undefined, undefined]) as (Value | undefined)[];
      const part = (n: 0 | 1) =>
        this.single(field, pair[n], (value) => {
          pair[n] = value;
          set(pair[0] !== undefined && pair[1] !== undefined ? (pair as Value[]) : undefined);
        }, odd);
      return [part(0), h('span', { class: 'xs faint' }, t('and')), part(1)];
    }
    if (field.url) return [this.picker(test, field, shape === 'many', set)];
    if (shape === 'many') return [this.many(test, field, set)];
    return [this.single(field, test.value ?? test.typed, set, odd)];
  }

  /** One input. What is typed in it and is no value goes to `odd`. */
  private single(field: Field, value: Value | undefined, set: (value: Value | undefined) => void, odd: (text: string) => void): HTMLElement {
    const text = value === undefined || value === null ? '' : String(value);
    if (field.choices) {
      const select = this.select([{ value: '', label: '…' }, ...field.choices], text, t('value'), (next) => set(next || undefined));
      return select;
    }
    if (DATES.has(field.type)) {
      const date = h('pv-date' as 'div', { value: text, 'data-label': field.label });
      date.addEventListener('input', (event) => {
        event.stopPropagation();
        set((date as unknown as { value: string }).value || undefined);
      });
      return date;
    }
    const numeric = NUMBERS.has(field.type);
    const shown = field.type === 'money' ? (grouped(text, lang()) ?? text) : local(text, lang());
    const input = this.input(numeric ? 'decimal' : 'text', numeric ? shown : text, (next) => {
      const value = numeric ? amountOf(next, field.unit) : next || undefined;
      set(value);
      if (next && value === undefined) odd(next);
    });
    input.toggleAttribute('data-amount', field.type === 'money');
    return field.unit ? h('span', { class: 'inp inp-g' }, input, h('span', { class: 'cur' }, field.unit)) : input;
  }

  private many(test: Test, field: Field, set: (value: Value | undefined) => void): HTMLElement {
    const now = new Set((Array.isArray(test.value) ? test.value : []).map(String));
    if (!field.choices)
      return this.input('text', [...now].join('، '), (text) => {
        const list = text.split(/[,،]/).map((part) => part.trim()).filter(Boolean);
        set(list.length ? list : undefined);
      });
    const box = (choice: Choice) =>
      h(
        'button',
        {
          type: 'button',
          class: 'chip',
          'aria-pressed': String(now.has(choice.value)),
          onclick: (event: MouseEvent) => {
            if (!now.delete(choice.value)) now.add(choice.value);
            (event.currentTarget as HTMLElement).ariaPressed = String(now.has(choice.value));
            set(now.size ? [...now] : undefined);
          },
        },
        choice.label,
      );
    return h('div', { class: 'row wrap g1' }, ...field.choices.map(box));
  }

  private picker(test: Test, field: Field, multiple: boolean, set: (value: Value | undefined) => void): HTMLElement {
    const chosen = (multiple && Array.isArray(test.value) ? test.value : [test.value]).filter((id) => id !== undefined && id !== null);
    const me = field.type === 'user' ? { id: 'me', label: t('me') } : null;
    const picker = h(
      'pv-picker' as 'div',
      { name: '', 'data-url': field.url, 'data-label': field.label, multiple, 'data-first': me && JSON.stringify([me]) },
      ...chosen.map((id) => h('input', { type: 'hidden', value: String(id), 'data-label': test.labels?.[String(id)] ?? (id === me?.id ? me.label : String(id)) })),
    );
    picker.addEventListener('input', (event) => event.stopPropagation());
    picker.addEventListener('change', () => {
      const ids = (picker as unknown as { value: string[] }).value;
      for (const input of picker.querySelectorAll<HTMLInputElement>('input[type=hidden][data-label]'))
        test.labels = { ...test.labels, [input.value]: input.dataset.label ?? '' };
      set(multiple ? (ids.length ? ids : undefined) : ids[0]);
    });
    return picker;
  }

  private select(choices: Choice[], value: string, label: string, set: (value: string) => void): HTMLSelectElement {
    const options = choices.map((choice) => h('option', { value: choice.value, selected: choice.value === value }, choice.label));
    const select = h('select', { class: 'inp', 'aria-label': label }, ...options);
    select.addEventListener('change', () => set(select.value));
    return select;
  }

  private input(mode: 'text' | 'number' | 'decimal', value: string, set: (value: string) => void): HTMLInputElement {
    const input = h('input', { class: 'inp', type: mode === 'number' ? 'number' : 'text', inputmode: mode === 'text' ? null : 'decimal', value, 'aria-label': t('value') });
    input.addEventListener('input', (event) => {
      event.stopPropagation();
      set(plain(input.value, mode));
    });
    return input;
  }
}

/** A count in any digits becomes one that a machine reads; everything else is what was typed. */
function plain(text: string, mode: string): string {
  return mode === 'number' ? latin(text).replace(/[٬,\s]/g, '').replace('٫', '.') : text.trim();
}
