import { expect, test } from 'vitest';
import { along, apart, height, isHidden, keys, lies, type Look, mixed, nearest, type Series, type Told, top } from '../src/islands/along';

const look: Look = {
  colour: (name) => (name === 'surface' ? '#fff' : '#204060'),
  font: { fontFamily: 'x', fontSize: 12, color: '#000000' },
  isRtl: true,
  tone: () => '#204060',
  tint: () => '#204060',
  room: 600,
  tall: 256,
  wide: (text) => text.length * 7,
};
const series = (name: string, values: (number | null)[], more: Partial<Series> = {}): Series => ({
  name, marks: values.map((value) => ({ value, shown: `«${value}»`, url: '' })), tone: '', is_line: false, beside: false, ...more,
});
const told = (more: Partial<Told>): Told => ({ kind: 'columns', names: ['a', 'b', 'c'], series: [series('s', [1, 2, 3])], places: [], flows: [], tones: [], scales: [], area: null, is_time: false, is_running: false, ...more });
// eslint-disable-next-line @typescript-eslint/no-explicit-any
const drawn = (more: Partial<Told>, own: Partial<Look> = {}): any => along(told(more), { ...look, ...own });

test('axes run to the right in both languages', () => {
  const scales = [{ low: 0, step: 1, says: ['0', '1'], unit: '' }];
  for (const isRtl of [true, false]) {
    for (const is_time of [true, false]) expect(drawn({ is_time, scales }, { isRtl })).toMatchObject({ xAxis: { inverse: false }, yAxis: { position: 'left' } });
    const { xAxis, grid } = drawn({ kind: 'bars', scales }, { isRtl });
    expect([xAxis.inverse, xAxis.position, grid.left]).toEqual([undefined, 'bottom', 8]);
  }
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

test('every column has its name: where they have no room with a second axis, bars lie and it stands above', () => {
  const names = ['Referral', 'Exhibition visit', 'Website', 'Cold call campaign', 'Advertisement'];
  const both = [series('won', [6, 3, 3, 2, 1]), series('rate', [84, 100, 38, 28, 100], { is_line: true })];
  const option = drawn({ names, series: both });
  expect(option.yAxis).toMatchObject({ data: names, axisLabel: { interval: 0 } });
  expect(option.xAxis.map((axis: { position: string }) => axis.position)).toEqual(['bottom', 'top']);
  expect(option.series[1]).toMatchObject({ xAxisIndex: 1, lineStyle: { width: 0 } });
  expect(drawn({ names: ['a', 'b', 'c', 'd', 'e'], series: both }).xAxis.axisLabel).toMatchObject({ interval: 0 });
});

test('the first and the last of the periods are named', () => {
  expect(drawn({ is_time: true }).xAxis.axisLabel).toMatchObject({ showMinLabel: true, showMaxLabel: true });
});

test('people are told apart by colours, five at most, and named at the ends of their lines', () => {
  const colours = { ...look, colour: (name: string) => name };
  const people = Array.from({ length: 7 }, (_, n) => series(`p${n}`, [n, n + 1, n + 2]));
  const lines = { kind: 'lines' as const, is_time: true, series: people };
  const seen = keys(told(lines), colours).map((key) => key.colour);
  expect(new Set(seen.slice(0, 5)).size).toBe(5);
  expect(seen.slice(5)).toEqual(['line-ctl', 'line-ctl']);
  const [first] = drawn(lines).series;
  expect(first.endLabel.formatter()).toBe('p0  «2»');
  expect(first.lineStyle.type).toBe('solid');
  expect(drawn(lines).grid.right).toBeGreaterThan(look.wide('p0  «2»'));
  // On a telephone the names would leave no room for the lines.
  expect(drawn(lines, { room: 300 }).series[0].endLabel).toBeUndefined();
  expect(drawn(lines, { wide: (text) => text.length * 60 }).series[0].endLabel).toBeUndefined();
});

test('names at the ends of lines never lie upon each other', () => {
  const scales = [{ low: 0, step: 50, says: ['0', '50', '100'], unit: '' }];
  const ends = (...values: number[]) => {
    const lines = told({ kind: 'lines', is_time: true, scales, series: values.map((value, n) => series(`${n}`, [1, value])) });
    return apart(lines, look).map((down, n) => 200 * (1 - (values[n] ?? 0) / 100) + down).sort((a, b) => a - b);
  };
  for (const values of [[50, 50, 51, 49, 50], [0, 0, 1, 2, 0], [100, 99, 100], [10, 90]]) {
    const places = ends(...values);
    places.slice(1).forEach((place, n) => expect(place - (places[n] ?? 0)).toBeGreaterThanOrEqual(15));
    expect(places.at(-1)).toBeLessThanOrEqual(200);
  }
  expect(ends(10, 90).map(Math.round)).toEqual([20, 180]);
});

test('an interval is a filled area behind the lines, from the lower to the higher value', () => {
  const marks = (...values: (number | null)[]) => values.map((value) => ({ value, shown: '', url: '' }));
  const option = drawn({ kind: 'lines', is_time: true, area: { name: 'between', low: marks(null, -2, 3), high: marks(null, 4, 9) } });
  const [low, high] = option.series.slice(-2);
  expect([low.data, high.data]).toEqual([[null, -2, 3], [null, 6, 6]]);
  expect(high.areaStyle.opacity).toBeGreaterThan(0.1);
  expect(low.areaStyle).toBeUndefined();
});

test('names are never cut', () => {
  for (const kind of ['columns', 'lines', 'bars'] as const) expect(JSON.stringify(drawn({ kind }))).not.toContain('truncate');
});

test('lines that do not all reach the end are told apart by dashes too, and say their last value', () => {
  const option = drawn({ kind: 'lines', is_time: true, series: [series('s', [1, 2, null]), series('t', [1, 2, 0])] });
  const [one, two] = option.series;
  expect(one.lineStyle.type).not.toEqual(two.lineStyle.type);
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

test('a column too low for its words has them above it, where a second axis keeps the others within', () => {
  const scales = [{ low: 0, step: 20, says: ['0', '20', '40'], unit: '' }, { low: 0, step: 1, says: ['0', '1'], unit: '' }];
  const { series: [bars] } = drawn({ is_time: true, scales, series: [series('won', [1, 30, 0]), series('rate', [1, 1, null], { is_line: true })] });
  expect(bars.label.position).toBe('insideBottom');
  const above = { position: 'top', color: '#204060' };
  expect(bars.data).toEqual([{ value: 1, label: above }, { value: 30 }, { value: 0, label: above }]);
});

test('where places of a rate lie above columns, the figure of each column stands at its name', () => {
  const both = [series('won', [6, 1, 3]), series('rate', [84, 0, 38], { is_line: true })];
  const { xAxis, series: [bars] } = drawn({ series: both });
  expect(['a', 'b', 'c'].map(xAxis.axisLabel.formatter)).toEqual(['a\n«6»', 'b\n«1»', 'c\n«3»']);
  expect(bars.label.show).toBe(false);
  const lying = drawn({ kind: 'bars', series: both });
  expect(['a'].map(lying.yAxis.axisLabel.formatter)).toEqual(['a  «6»']);
  expect(['a'].map(drawn({}).xAxis.axisLabel.formatter)).toEqual(['a']);
});

test('a period that is not over is dotted and hollow, and its figure is not told as if it were whole', () => {
  const scales = [{ low: 0, step: 5, says: ['0', '5', '10'], unit: '' }];
  const lines = { kind: 'lines' as const, is_time: true, is_running: true, scales, series: [series('p', [8, 9, 1]), series('q', [2, 3, 0])] };
  const option = drawn(lines);
  const [p, , ofP, ofQ] = option.series;
  expect(p.data[2]).toBeNull();
  expect(p.data[1]).toMatchObject({ value: 9, label: { show: true } });
  expect(p.endLabel).toBeUndefined();
  expect(ofP).toMatchObject({ name: 'p', silent: true, symbol: 'emptyCircle', lineStyle: { type: 'dotted' }, data: [null, { value: 9 }, 1] });
  expect([ofP, ofQ].map((one) => one.endLabel.formatter())).toEqual(['p', 'q']);
  const columns = drawn({ is_time: true, is_running: true, series: [series('s', [4, 5, 1])] }).series[0].data;
  expect(columns[2].itemStyle).toMatchObject({ borderType: 'dashed' });
  expect(columns[1].itemStyle).toBeUndefined();
  // A month that is over is drawn as ever.
  const over = drawn({ ...lines, is_running: false });
  expect(over.series).toHaveLength(2);
  expect(over.series[0].endLabel.formatter()).toBe('p  «1»');
});

test('names at the ends of lines leave most of the room to the lines', () => {
  const lines = { kind: 'lines' as const, is_time: true, series: [series('a rather long name', [1, 2]), series('another long name', [2, 1])] };
  expect(drawn(lines).series[0].endLabel).toBeUndefined();
  expect(drawn(lines, { room: 900 }).series[0].endLabel).toBeDefined();
});

test('the axis of a curve ends at a hundred percent, or above the peak', () => {
  const marks = (...values: number[]) => series('s', values).marks;
  expect([marks(20, 100), marks(20, 100.4, 100), marks(20, 107, 100)].map(top)).toEqual([100, 100, 120]);
});
