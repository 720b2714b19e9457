import { BarChart, FunnelChart, LineChart, PieChart, SankeyChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { type ECharts, init, use } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { CanvasRenderer } from 'echarts/renderers';
import { local } from '../digits';
import { h } from '../dom';

use([BarChart, FunnelChart, LineChart, PieChart, SankeyChart, GridComponent, LegendComponent, TooltipComponent, LabelLayout, CanvasRenderer]);

/** What `peyvand.web.components.charts` tells. */
interface Mark {
  value: number | null;
  shown: string;
  url: string;
}
type Tone = '' | 'good' | 'bad' | 'warn' | 'info' | 'quiet';
interface Series {
  name: string;
  marks: Mark[];
  tone: Tone;
  is_line: boolean;
  beside: boolean;
}
interface Told {
  kind: 'columns' | 'lines' | 'bars' | 'share' | 'funnel' | 'curve' | 'flow';
  names: string[];
  series: Series[];
  places: number[];
  flows: { origin: number; target: number; mark: Mark }[];
  tones: Tone[];
}
interface Look {
  colour: (name: string) => string;
  font: { fontFamily: string; fontSize: number; color: string };
  isRtl: boolean;
  tone: (one: Series) => string;
  tint: (tone: Tone) => string;
}
interface Pointed {
  seriesIndex: number;
  dataIndex: number;
  dataType?: string;
}

/** Draws the figures of a page; a mark that is pressed opens its rows. */
export class Chart extends HTMLElement {
  private drawn?: ECharts;
  private told!: Told;
  private readonly room = new ResizeObserver(() => this.resize());
  // The theme is an attribute of the page.
  private readonly theme = new MutationObserver(() => this.draw());

  connectedCallback(): void {
    this.told = JSON.parse(this.dataset.chart ?? '{}') as Told;
    // Persian letters are measured with the font that they are drawn with.
    void document.fonts.ready.then(() => {
      if (!this.isConnected) return;
      const drawn = (this.drawn = init(this));
      drawn.on('click', (event) => this.follow(event as unknown as Pointed & { event: { event: MouseEvent } }));
      this.draw();
      this.room.observe(this);
      this.theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    });
  }

  disconnectedCallback(): void {
    this.room.disconnect();
    this.theme.disconnect();
    this.drawn?.dispose();
    this.drawn = undefined;
  }

  private mark({ seriesIndex, dataIndex, dataType }: Pointed): Mark | undefined {
    if (dataType === 'edge') return this.told.flows[dataIndex]?.mark;
    return this.told.series[seriesIndex]?.marks[dataIndex];
  }

  private follow(event: Pointed & { event: { event: MouseEvent } }): void {
    const url = this.mark(event)?.url;
    if (!url) return;
    const { ctrlKey, metaKey } = event.event.event;
    if (ctrlKey || metaKey) window.open(url, '_blank', 'noopener');
    else location.assign(url);
  }

  private resize(): void {
    this.drawn?.resize();
    this.draw();
  }

  private draw(): void {
    const look = this.look();
    const { kind } = this.told;
    const isWhole = kind === 'share' || kind === 'funnel' || kind === 'flow';
    const option = kind === 'flow' ? this.flow(look) : kind === 'curve' ? this.curve(look) : isWhole ? this.whole(look) : this.along(look);
    this.drawn?.setOption(
      {
        animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
        textStyle: look.font,
        tooltip: {
          confine: true,
          backgroundColor: look.colour('raised'),
          borderColor: look.colour('line-2'),
          textStyle: { ...look.font, color: look.colour('text') },
          trigger: isWhole ? 'item' : 'axis',
          axisPointer: { type: kind === 'lines' || kind === 'curve' ? 'line' : 'shadow', shadowStyle: { color: look.colour('text'), opacity: 0.05 } },
          // Elements, for a style in a text would break the policy.
          formatter: (pointed: Pointed | Pointed[]) => this.tip([pointed].flat()),
        },
        ...option,
      },
      true,
    );
  }

  private look(): Look {
    const style = getComputedStyle(this);
    const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const font = { fontFamily: style.fontFamily, fontSize: 12, color: colour('text-2') };
    const tones = { '': 'accent', good: 'good-solid', bad: 'bad-solid', warn: 'warn-solid', info: 'info-solid', quiet: 'line-2' };
    const tint = (tone: Tone) => colour(tones[tone]);
    // A line upon columns of its own colour would not be seen.
    const isUpon = this.told.kind === 'columns' || this.told.kind === 'bars';
    const tone = (one: Series) => (one.is_line && isUpon && !one.tone ? colour('text-2') : tint(one.tone));
    return { colour, font, isRtl: style.direction === 'rtl', tone, tint };
  }

  /** Series of one tone are told apart by their shade, and lines by their dashes too. */
  private shade(at: number): number {
    const alike = this.told.series.filter((one, n) => n < at && one.tone === this.told.series[at]?.tone && !one.is_line).length;
    return Math.max(0.25, 1 - alike * 0.16);
  }

  /** Columns, bars and lines along an axis of names. */
  private along({ colour, font, isRtl: isPersian, tone }: Look): Record<string, unknown> {
    const { kind, names, series } = this.told;
    // Lines keep the axes of a schoolbook, all else follows the reading.
    const isRtl = isPersian && kind !== 'lines';
    const lies = kind === 'bars';
    const hasLine = series.some((one) => one.is_line);
    const isAlone = series.filter((one) => !one.is_line).length === 1;
    // Where columns stand close, what they come to is read by pointing, or in the table.
    const hasRoom = isAlone && (lies || this.clientWidth / names.length > 80);
    const value = (isOwn: boolean) => ({
      type: 'value' as const,
      ...(lies ? { inverse: isRtl } : { position: isRtl === isOwn ? ('left' as const) : ('right' as const) }),
      axisLabel: { show: false },
      splitLine: { show: !isOwn && !lies, lineStyle: { color: colour('line') } },
      ...(isOwn ? { min: 0 } : {}),
    });
    const category = {
      type: 'category' as const,
      data: names,
      inverse: lies || isRtl,
      ...(lies ? { position: isRtl ? 'right' : 'left' } : {}),
      boundaryGap: kind !== 'lines',
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colour('line-2') } },
      axisLabel: { ...font, hideOverlap: true, width: lies ? Math.min(160, this.clientWidth / 3) : Math.max(88, this.clientWidth / names.length - 8), overflow: 'truncate' },
    };
    const values = hasLine && !lies ? [value(false), value(true)] : value(false);
    const called = (isPersian ? [...series].reverse() : series).map((one) => ({ name: one.name, ...(one.is_line || kind === 'lines' ? {} : { icon: 'roundRect' }) }));
    const legend = { show: series.length > 1, type: 'scroll', data: called, bottom: 0, [isPersian ? 'right' : 'left']: 0, itemWidth: kind === 'lines' || hasLine ? 22 : 10, itemHeight: 10, textStyle: font, align: isPersian ? 'right' : 'left' };
    const round = lies ? (isRtl ? [4, 0, 0, 4] : [0, 4, 4, 0]) : [4, 4, 0, 0];
    return {
      legend,
      grid: { left: 8, right: 8, top: 24, bottom: series.length > 1 ? 32 : 4, containLabel: true },
      xAxis: lies ? values : category,
      yAxis: lies ? category : values,
      series: series.map((one, at) => {
        const data = one.marks.map((mark) => mark.value);
        const cursor = one.marks.some((mark) => mark.url) ? 'pointer' : 'default';
        if (one.is_line || kind === 'lines')
          return { type: 'line', name: one.name, yAxisIndex: one.is_line && hasLine ? 1 : 0, data, color: tone(one), cursor, symbolSize: 7, itemStyle: { opacity: this.shade(at) }, connectNulls: true, showSymbol: names.length < 40, lineStyle: { width: 2, opacity: this.shade(at), type: (['solid', 'dashed', 'dotted'] as const)[at % 3] }, triggerLineEvent: true };
        return {
          type: 'bar',
          name: one.name,
          stack: one.beside ? `beside${at}` : 'all',
          data,
          color: tone(one),
          barMaxWidth: 44,
          itemStyle: { borderRadius: isAlone ? round : 0, opacity: this.shade(at) },
          cursor,
          label: { show: hasRoom, position: lies ? (isRtl ? 'left' : 'right') : 'top', ...font, formatter: ({ dataIndex }: Pointed) => (one.marks[dataIndex]?.value ? (one.marks[dataIndex]?.shown ?? '') : '') },
          labelLayout: { hideOverlap: true },
        };
      }),
    };
  }

  /** The parts of one whole: a ring, or a funnel. */
  private whole({ colour, font, tone, isRtl }: Look): Record<string, unknown> {
    const { kind, names, series } = this.told;
    const [one] = series;
    if (!one) return {};
    const data = one.marks.map((mark, at) => ({ value: mark.value ?? 0, name: names[at] ?? '', itemStyle: { color: tone(one), opacity: Math.max(0.2, 1 - at * 0.11), borderColor: colour('pane'), borderWidth: 2 } }));
    const label = { ...font, color: colour('text'), formatter: ({ dataIndex }: Pointed) => `${names[dataIndex] ?? ''}  ${one.marks[dataIndex]?.shown ?? ''}` };
    const own = kind === 'share' ? { type: 'pie', radius: ['52%', '78%'], label } : { type: 'funnel', sort: 'none', gap: 2, left: '5%', width: '90%', funnelAlign: isRtl ? 'right' : 'left', label: { ...label, position: 'inside' } };
    return { series: [{ ...own, name: one.name, data, cursor: 'pointer', labelLine: { lineStyle: { color: colour('line-2') } } }] };
  }

  /** What the first so many of a hundred bring together, from nothing to all. */
  private curve({ colour, font, tone }: Look): Record<string, unknown> {
    const { places, series } = this.told;
    const [one] = series;
    if (!one) return {};
    const axis = { type: 'value' as const, axisTick: { show: false }, axisLine: { lineStyle: { color: colour('line-2') } }, axisLabel: { ...font, formatter: (value: number) => local(String(value), document.documentElement.lang) } };
    return {
      grid: { left: 8, right: 16, top: 16, bottom: 4, containLabel: true },
      xAxis: { ...axis, min: 0, max: 100, splitLine: { show: false } },
      yAxis: { ...axis, axisLine: { show: false }, splitLine: { lineStyle: { color: colour('line') } } },
      series: [
        { type: 'line', name: one.name, data: one.marks.map((mark, at) => [places[at] ?? 0, mark.value]), color: tone(one), showSymbol: false, lineStyle: { width: 2 }, areaStyle: { opacity: 0.13 }, cursor: 'default' },
        { type: 'line', data: [[0, 100], [100, 100]], color: colour('text-3'), showSymbol: false, silent: true, lineStyle: { width: 1, type: 'dashed' } },
      ],
    };
  }

  /** From the names of one side to those of the other, in the direction of reading. */
  private flow({ colour, font, isRtl, tint }: Look): Record<string, unknown> {
    const { names, series, flows, tones } = this.told;
    const [one] = series;
    if (!one) return {};
    const sources = new Set(flows.map((each) => each.origin));
    const data = names.map((_name, at) => ({ name: String(at), itemStyle: { color: tint(tones[at] ?? ''), borderWidth: 0 }, label: { position: sources.has(at) === isRtl ? 'left' : 'right' } }));
    // It draws from the left, which in Persian is where the reading ends.
    const links = flows.map(({ origin, target, mark }) => ({ source: String(isRtl ? target : origin), target: String(isRtl ? origin : target), value: mark.value ?? 0 }));
    return {
      series: [{
        type: 'sankey', name: one.name, data, links, left: 4, right: 4, top: 8, bottom: 8, nodeWidth: 10, nodeGap: 9, layoutIterations: 0, draggable: false,
        cursor: one.marks.some((mark) => mark.url) ? 'pointer' : 'default',
        label: { ...font, color: colour('text'), formatter: ({ dataIndex }: Pointed) => `${names[dataIndex] ?? ''}  ${one.marks[dataIndex]?.shown ?? ''}` },
        lineStyle: { color: colour('text-3'), opacity: 0.22, curveness: 0.5 },
        labelLayout: { hideOverlap: true },
        emphasis: { focus: 'adjacency' },
      }],
    };
  }

  private tip(pointed: Pointed[]): HTMLElement {
    const [first] = pointed;
    const flow = first?.dataType === 'edge' ? this.told.flows[first.dataIndex] : undefined;
    const { names } = this.told;
    const name = flow ? `${names[flow.origin] ?? ''} ${getComputedStyle(this).direction === 'rtl' ? '←' : '→'} ${names[flow.target] ?? ''}` : (names[first?.dataIndex ?? 0] ?? '');
    const lines = pointed.flatMap((one) => {
      const mark = this.mark(one);
      return mark && mark.value !== null ? [h('div', { class: 'row g2' }, h('span', { class: 'grow' }, this.told.series[one.seriesIndex]?.name ?? ''), h('b', { class: 'num' }, mark.shown))] : [];
    });
    return h('div', { class: 'chart-tip', dir: getComputedStyle(this).direction }, h('b', {}, name), ...lines);
  }
}
