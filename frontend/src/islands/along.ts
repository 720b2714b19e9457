/** What `peyvand.web.components.charts` tells, and how its columns, bars and lines are laid out. Nothing here draws. */
export interface Mark {
  value: number | null;
  shown: string;
  url: string;
}
export type Tone = '' | 'good' | 'bad' | 'warn' | 'info' | 'quiet';
export interface Series {
  name: string;
  marks: Mark[];
  tone: Tone;
  is_line: boolean;
  beside: boolean;
}
/** What values lie between, as a filled area behind the lines. */
export interface Area {
  name: string;
  low: Mark[];
  high: Mark[];
}
export interface Scale {
  low: number;
  step: number;
  says: string[];
  unit: string;
}
export interface Told {
  kind: 'columns' | 'lines' | 'bars' | 'share' | 'funnel' | 'curve' | 'flow';
  names: string[];
  series: Series[];
  places: number[];
  flows: { origin: number; target: number; mark: Mark }[];
  tones: Tone[];
  scales: Scale[];
  area: Area | null;
  is_time: boolean;
  /** Whether the last of the names is a period that is not over. */
  is_running: boolean;
}
/** The page's colours and letters, and the room that there is, in width and height; `wide` measures a text. */
export interface Look {
  colour: (name: string) => string;
  font: { fontFamily: string; fontSize: number; color: string };
  isRtl: boolean;
  tone: (one: Series) => string;
  tint: (tone: Tone) => string;
  room: number;
  tall: number;
  wide: (text: string) => number;
}

/** Colours for those that stand beside each other without a meaning of their own (tokens.css). */
const COLOURS = 6;
/** So many lines can be followed; the others are grey. */
const MOST_LINES = 5;
/** Of one meaning, the later are told apart by their shade. */
const SHADES = [1, 0.68, 0.42, 0.84, 0.54, 0.28];
/** Lines without their names at their ends are told apart by dashes too. */
const DASHES = [[], [7, 4], [2, 3], [12, 4, 2, 4], [7, 3, 2, 3, 2, 3], [1, 5]];
const BAR = 24;
const LEAST = 272;
const WIDEST = 44;
/** What an axis of values takes beside the names. */
const AXIS = 56;
/** The height of a line of text. */
const LINE = 16;
/** Less than this, and names at the ends of lines leave no room for the lines. */
export const DIRECT = 480;

/** One colour mixed into another, both as #rrggbb or #rgb; what is not such is left as it is. */
export function mixed(colour: string, ground: string, share: number): string {
  const parts = (text: string) =>
    /^#(?:([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})|([0-9a-f])([0-9a-f])([0-9a-f]))$/i.exec(text)?.slice(1).flatMap((part) => (part ? [parseInt(part.padEnd(2, part), 16)] : []));
  const [over, under] = [parts(colour), parts(ground)];
  if (!over || !under) return colour;
  return `#${over.map((value, n) => Math.round(value * share + (under[n] ?? 0) * (1 - share)).toString(16).padStart(2, '0')).join('')}`;
}

/** Whether the chart is drawn as bars that lie: asked so, or the names of its columns have no room beside each other. */
export function lies({ kind, names, series, is_time }: Told, { room, wide }: Look): boolean {
  if (kind !== 'columns') return kind === 'bars';
  const plot = room - AXIS * (series.some((one) => one.is_line) ? 2 : 1);
  return !is_time && names.some((name) => wide(name) > plot / names.length - 8);
}

// What came of a few days is not told as if it were a month.
const ending = ({ is_running }: Told, one: Series) => (is_running ? one.name : `${one.name}  ${one.marks.at(-1)?.shown ?? ''}`);
// More than is measured, as with the names of bars.
const endRoom = (told: Told, { wide }: Look) => Math.ceil(Math.max(0, ...told.series.map((one) => wide(ending(told, one)))) * 1.15);

/** Whether the names of lines stand at their ends: there are several, all reach the end, and there is room. */
export function isDirect(told: Told, look: Look): boolean {
  const { kind, series, is_time } = told;
  const several = kind === 'lines' && is_time && series.length > 1 && series.every((one) => one.marks.at(-1)?.value != null);
  return several && look.room >= DIRECT && endRoom(told, look) <= 0.25 * look.room;
}

/** How high the chart is: bars need room one beneath the other. */
export function height(told: Told, look: Look): number {
  if (!lies(told, look)) return LEAST;
  const rows = wraps(told, look) ? BAR + 12 : BAR;
  return Math.max(told.names.length > 5 ? LEAST : 160, told.names.length * rows * (told.series.some((one) => one.beside) ? 1.4 : 1) + 56);
}

const least = (room: number) => Math.min(208, room * 0.38);
// A little more than is measured: the page's own letters may come later than the chart.
const longest = (told: Told, { wide }: Look) => Math.ceil(Math.max(0, ...titles(told, '  ').map(wide)) * 1.15);
const wraps = (told: Told, look: Look) => longest(told, look) > least(look.room);

/** What is read along the axis. Where the places of a rate lie above columns, a figure upon them would be hidden: it stands at the name. */
function titles({ names, series, is_time }: Told, between: string): string[] {
  const [one, ...others] = series.filter((each) => !each.is_line);
  const isNamed = one !== undefined && !others.length && !is_time && series.length > 1;
  return isNamed ? names.map((name, n) => `${name}${between}${one.marks[n]?.shown ?? ''}`) : names;
}

/** Where the axis of a curve in percent ends: at all of it, or at the next twenty above its peak. */
export function top(marks: Mark[]): number {
  const peak = Math.max(100, ...marks.map((mark) => mark.value ?? 0));
  return peak < 101 ? 100 : Math.ceil(peak / 20) * 20;
}

/** The mark nearest to a place among the values of one name: of which series. */
export function nearest(series: Series[], at: number, distance: (value: number, of: number) => number): number | undefined {
  let [best, found] = [Infinity, -1];
  series.forEach((one, n) => {
    const value = one.marks[at]?.value;
    if (value == null) return;
    const far = Math.abs(distance(value, n));
    if (far < best) [best, found] = [far, n];
  });
  return found < 0 ? undefined : found;
}

/** The place of the last value of a line that is of a whole period; -1: there is none. */
export function lastWhole({ is_running, names }: Told, one: Series): number {
  return one.marks.findLastIndex((mark, at) => mark.value !== null && !(is_running && at === names.length - 1));
}

/** Whether the last value of a line lies so near to that of a line before it that both could not be read. */
export function isHidden(told: Told, at: number): boolean {
  const { series, scales } = told;
  const last = (one: Series) => one.marks[lastWhole(told, one)]?.value ?? Infinity;
  const [scale] = scales;
  if (!scale || !series[at]) return false;
  const room = 0.08 * scale.step * (scale.says.length - 1);
  return series.slice(0, at).some((one) => Math.abs(last(one) - last(series[at] as Series)) < room);
}

/** How far down each label at the end of a line is moved, so that none lies upon another. */
export function apart({ series, scales }: Told, { tall }: Look): number[] {
  const [scale] = scales;
  if (!scale) return series.map(() => 0);
  const plot = Math.max(tall - AXIS, series.length * LINE);
  const found = series.map((one, at) => ({ at, y: plot * (1 - ((one.marks.at(-1)?.value ?? 0) - scale.low) / (scale.step * (scale.says.length - 1))) })).sort((a, b) => a.y - b.y);
  const moved = series.map(() => 0);
  let next = -Infinity;
  // From above down, then from below up where the last have left the plot.
  const placed = found.map(({ y }) => (next = Math.max(y, next + LINE)));
  let last = plot + LINE;
  for (let n = placed.length - 1; n >= 0; n -= 1) placed[n] = last = Math.min(placed[n] ?? 0, last - LINE);
  found.forEach(({ at, y }, n) => (moved[at] = Math.round((placed[n] ?? y) - y)));
  return moved;
}

/** How each series is told from the others: its colour, how it is drawn, and the dashes of a line. */
export function keys(told: Told, look: Look): { colour: string; as: 'line' | 'place' | 'box'; dash: number[] }[] {
  const { kind, series, is_time } = told;
  const { colour, tone } = look;
  const shades = new Map<Tone, number>();
  const tinted = (one: Series, alike: number) => {
    if (one.is_line) return tone(one);
    // Grey lines are followed, unlike grey columns, which are seen.
    if (kind === 'lines' && (one.tone === 'quiet' || (!one.tone && alike >= MOST_LINES))) return colour('line-ctl');
    return one.tone ? mixed(tone(one), colour('surface'), SHADES[alike % SHADES.length] ?? 1) : colour(`mark-${(alike % COLOURS) + 1}`);
  };
  return series.map((one, at) => {
    const alike = shades.get(one.tone) ?? 0;
    if (!one.is_line) shades.set(one.tone, alike + 1);
    const isLine = one.is_line || kind === 'lines';
    return {
      colour: tinted(one, alike),
      as: !isLine ? 'box' : one.is_line && !is_time ? 'place' : 'line',
      dash: isDirect(told, look) ? [] : (DASHES[at % DASHES.length] ?? []),
    };
  });
}

/** Columns, bars and lines along an axis of names, as ECharts is told. */
export function along(told: Told, look: Look): Record<string, unknown> {
  const { kind, names, series, scales, is_time, is_running } = told;
  const { colour, font, room } = look;
  // In both languages axes run as in schoolbooks: time and values to the right (docs/decisions).
  const isLying = lies(told, look);
  const hasLine = series.some((one) => one.is_line);
  const ends = isDirect(told, look);
  const columns = series.filter((one) => !one.is_line).length;
  // Where columns stand close, what they come to is read by the axis, by pointing, or in the table.
  const hasRoom = columns === 1 && (isLying || room / names.length > 80);
  const fits = series.every((one) => one.is_line || one.marks.every((mark) => look.wide(mark.shown) <= WIDEST));
  const isLabelled = hasRoom && kind !== 'lines' && (!hasLine || (fits && is_time));
  const value = (isOwn: boolean) => {
    const scale = scales[isOwn ? 1 : 0];
    const says = (read: number) => scale?.says[Math.round((read - scale.low) / scale.step)] ?? '';
    return {
      type: 'value' as const,
      ...(isLying ? { position: isOwn ? ('top' as const) : ('bottom' as const) } : { position: isOwn ? ('right' as const) : ('left' as const) }),
      ...(scale ? { min: scale.low, max: scale.low + scale.step * (scale.says.length - 1), interval: scale.step } : isOwn ? { min: 0 } : {}),
      axisLabel: { show: Boolean(scale) && !(isLying && isLabelled), ...font, formatter: says, hideOverlap: true },
      name: scale && !(isLying && isLabelled) ? scale.unit : '',
      nameLocation: 'end' as const,
      nameGap: isLying ? 6 : 10,
      nameTextStyle: { ...font, align: isLying ? 'center' : isOwn ? 'right' : 'left' },
      splitLine: { show: !isOwn && !(isLying && isLabelled), lineStyle: { color: colour('line') } },
    };
  };
  const titled = titles(told, isLying ? '  ' : '\n');
  const category = {
    type: 'category' as const,
    data: names,
    inverse: isLying,
    boundaryGap: kind !== 'lines',
    axisTick: { show: false },
    axisLine: { onZero: true, lineStyle: { color: colour('line-2') } },
    // Names are read whole, all of them; of periods those that have room, the first and the last among them.
    axisLabel: { ...font, formatter: (name: string, n: number) => titled[n] ?? name, ...(isLying ? { interval: 0, width: least(room), overflow: 'break', lineHeight: 15 } : is_time || kind === 'lines' ? { hideOverlap: true, showMinLabel: true, showMaxLabel: true, ...(kind === 'lines' ? { alignMinLabel: 'left', alignMaxLabel: 'right' } : {}) } : { interval: 0, lineHeight: LINE }) },
  };
  const values = hasLine ? [value(false), value(true)] : value(false);
  const round = isLying ? [0, 4, 4, 0] : [4, 4, 0, 0];
  const hasUnit = scales.some((one) => one.unit);
  const keyed = keys(told, look);
  const downs = ends ? apart(told, look) : [];
  const beside = ends ? endRoom(told, look) : 0;
  const [axis] = scales;
  const runs = (n: number) => is_running && n === names.length - 1;
  const named = (one: Series, at: number) =>
    ends ? { endLabel: { show: true, distance: 8, ...font, color: colour('text'), formatter: () => ending(told, one) }, labelLayout: { dy: downs[at] ?? 0 } } : {};
  const isLow = (read: number | null) => axis !== undefined && Math.abs(read ?? 0) < 0.12 * axis.step * (axis.says.length - 1);
  return {
    // Drawn beside the title, by the page (keys).
    legend: { show: false },
    grid: { left: 8, right: isLabelled && isLying ? 72 : 8 + (ends ? beside + 8 : 0), top: hasUnit && !isLying ? 28 : 16, bottom: 4, containLabel: true },
    xAxis: isLying ? values : category,
    yAxis: isLying ? category : values,
    series: [...series.map((one, at) => {
      const isLine = one.is_line || kind === 'lines';
      const colours = keyed[at]?.colour;
      const cursor = one.marks.some((mark) => mark.url) ? 'pointer' : 'default';
      const labelled = is_time && (!ends || is_running) && !isHidden(told, at) ? lastWhole(told, one) : -1;
      const read = { ...font, formatter: ({ dataIndex }: { dataIndex: number }) => one.marks[dataIndex]?.shown ?? '' };
      if (isLine)
        return {
          type: 'line',
          name: one.name,
          [isLying ? 'xAxisIndex' : 'yAxisIndex']: one.is_line ? 1 : 0,
          labelLayout: { moveOverlap: 'shiftY' },
          ...(is_running ? {} : named(one, at)),
          data: one.marks.map((mark, n) => (runs(n) ? null : n === labelled ? { value: mark.value, label: { show: true, position: 'top', align: n > 0 ? 'right' : 'left', ...read, color: colour('text') } } : mark.value)),
          color: colours,
          cursor,
          // What is in no order is not joined: only its places are shown.
          symbol: one.is_line && !is_time ? 'diamond' : 'circle',
          symbolSize: one.is_line && !is_time ? 10 : 6,
          showSymbol: names.length < 40,
          lineStyle: one.is_line && !is_time ? { width: 0 } : { width: 2, type: keyed[at]?.dash.length ? keyed[at].dash : 'solid' },
          triggerLineEvent: true,
        };
      return {
        type: 'bar',
        name: one.name,
        stack: one.beside ? `beside${at}` : 'all',
        // A column too low for its words has them above it.
        data: one.marks.map((mark, n) => ({
          value: mark.value,
          ...(hasLine && (isLow(mark.value) || runs(n)) ? { label: { position: 'top', color: colour('text') } } : {}),
          ...(runs(n) ? { itemStyle: { color: mixed(colours ?? '', colour('surface'), 0.25), borderColor: colours, borderWidth: 1, borderType: 'dashed' } } : {}),
        })),
        color: colours,
        barMaxWidth: isLying ? 20 : WIDEST,
        itemStyle: { borderRadius: columns === 1 ? round : 0 },
        cursor,
        // Above the columns are the places of what has an axis of its own.
        label: { show: isLabelled, ...read, ...(hasLine ? { position: 'insideBottom', color: colour('on-accent') } : { position: isLying ? 'right' : 'top' }) },
        labelLayout: { hideOverlap: true },
      };
    }), ...running(told, look, named), ...behind(told.area, colour)],
  };
}

/** From the last whole period of each line to the one that is not over: dotted, and hollow where it stands today. */
function running(told: Told, look: Look, named: (one: Series, at: number) => object): Record<string, unknown>[] {
  const { kind, names, series, is_running, is_time } = told;
  if (!is_running || !is_time) return [];
  const keyed = keys(told, look);
  const end = names.length - 1;
  return series.flatMap((one, at) => {
    if (!(one.is_line || kind === 'lines')) return [];
    const from = lastWhole(told, one);
    const isJoined = from === end - 1;
    return [{
      type: 'line', name: one.name, [lies(told, look) ? 'xAxisIndex' : 'yAxisIndex']: one.is_line ? 1 : 0, silent: true, color: keyed[at]?.colour,
      data: one.marks.map((mark, n) => (n === end ? mark.value : isJoined && n === from ? { value: mark.value, symbolSize: 0 } : null)),
      symbol: 'emptyCircle', symbolSize: 7, showSymbol: true, lineStyle: { width: 2, type: 'dotted' }, ...named(one, at),
    }];
  });
}

/** The area between two values of each name: what is below it is drawn as nothing, and the rest upon that. */
function behind(area: Area | null, colour: Look['colour']): Record<string, unknown>[] {
  if (!area) return [];
  const side = { type: 'line', stack: 'area', stackStrategy: 'all', silent: true, symbol: 'none', z: 1, lineStyle: { width: 0 } };
  const { low, high } = area;
  return [
    { ...side, data: low.map((mark) => mark.value) },
    { ...side, color: colour('info-solid'), areaStyle: { opacity: 0.22 }, data: high.map((mark, at) => (mark.value === null ? null : mark.value - (low[at]?.value ?? 0))) },
  ];
}
