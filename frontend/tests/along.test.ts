import { expect, test } from 'vitest';
import { along, height, isHidden, keys, lies, type Look, mixed, nearest, type Series, type Told } from '../src/islands/along';

const look: Look = {
  colour: (name) => (name === 'surface' ? '#fff' : '#204060'),
  font: { fontFamily: 'x', fontSize: 12, color: '#000000' },
  isRtl: true,
  tone: () => '#204060',
  tint: () => '#204060',
  room: 600,
  wide: (text) => text.length * 7,
};
const series = (name: string, values: (number | null)[], more: Partial<Series> = {}): Series => ({
  name, marks: values.map((value) => ({ value, shown: `«${value}»`, url: '' })), tone: '', is_line: false, beside: false, ...more,
});
const told = (more: Partial<Told>): Told => ({ kind: 'columns', names: ['a', 'b', 'c'], series: [series('s', [1, 2, 3])], places: [], flows: [], tones: [], scales: [], is_time: false, ...more });
// eslint-disable-next-line @typescript-eslint/no-explicit-any
const drawn = (more: Partial<Told>, own: Partial<Look> = {}): any => along(told(more), { ...look, ...own });

test('time runs from the left, all else as it is read', () => {
  expect(drawn({ is_time: true }).xAxis.inverse).toBe(false);
  expect(drawn({}).xAxis.inverse).toBe(true);
  expect(drawn({}, { isRtl: false }).xAxis.inverse).toBe(false);
});

test('an axis says what it is told, with its unit', () => {
  const { yAxis } = drawn({ scales: [{ low: -5, step: 5, says: ['A', 'B', 'C'], unit: 'u' }] });
  expect([yAxis.min, yAxis.max, yAxis.interval, yAxis.name]).toEqual([-5, 5, 5, 'u']);
  expect([-5, 0, 5].map(yAxis.axisLabel.formatter)).toEqual(['A', 'B', 'C']);
});

test('columns whose names have no room lie down, and become higher with their number', () => {
  const names = Array.from({ length: 14 }, (_, n) => `a long name of a product ${n}`);
  const many = told({ names, series: [series('s', names.map((_, n) => n))] });
  expect(lies(many, look)).toBe(true);
  expect(lies({ ...many, is_time: true }, look)).toBe(false);
  expect(lies(told({}), look)).toBe(false);
  expect(height(many, look)).toBeGreaterThan(height(told({}), look));
  expect(drawn({ names }).yAxis.data).toEqual(names);
});

test('names are never cut', () => {
  for (const kind of ['columns', 'lines', 'bars'] as const) expect(JSON.stringify(drawn({ kind }))).not.toContain('truncate');
});

test('lines are told apart by dashes and shades, and say their last value', () => {
  const option = drawn({ kind: 'lines', is_time: true, series: [series('s', [1, 2, null]), series('t', [1, 2, 0])] });
  const [one, two] = option.series;
  expect(one.lineStyle.type).not.toEqual(two.lineStyle.type);
  expect(one.color).not.toBe(two.color);
  const [, dashed] = keys(told({ kind: 'lines', series: [series('s', [1]), series('t', [1])] }), look);
  expect([dashed?.as, dashed?.colour]).toEqual(['line', two.color]);
  expect(dashed?.dash).toEqual(two.lineStyle.type);
  expect(one.data[1].label.formatter({ dataIndex: 1 })).toBe('«2»');
  expect(two.data[2].label.formatter({ dataIndex: 2 })).toBe('«0»');
});

test('what is in no order is not joined by a line', () => {
  const both = [series('s', [1, 2, 3]), series('rate', [10, 20, 30], { is_line: true })];
  expect(drawn({ series: both }).series[1].lineStyle.width).toBe(0);
  expect(drawn({ series: both, is_time: true }).series[1].lineStyle.width).toBe(2);
  expect(drawn({ series: both }).yAxis).toHaveLength(2);
});

test('the nearest value of a place is found among the series', () => {
  const all = [series('s', [1, 9]), series('t', [null, 4])];
  expect(nearest(all, 1, (value) => value - 5)).toBe(1);
  expect(nearest(all, 0, (value) => value - 5)).toBe(0);
  expect(nearest(all, 7, (value) => value)).toBeUndefined();
});

test('colours are mixed, short or long', () => {
  expect(mixed('#000000', '#fff', 0.5)).toBe('#808080');
  expect(mixed('red', '#fff', 0.5)).toBe('red');
});

test('of lines that end at nearly the same place, one says its value', () => {
  const scales = [{ low: 0, step: 50, says: ['0', '50', '100'], unit: '' }];
  const ends = (...values: number[]) => told({ kind: 'lines', is_time: true, scales, series: values.map((value, n) => series(`${n}`, [1, value, null])) });
  expect([0, 1].map((at) => isHidden(ends(3, 6), at))).toEqual([false, true]);
  expect([0, 1].map((at) => isHidden(ends(3, 60), at))).toEqual([false, false]);
});
