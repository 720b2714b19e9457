import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { type ECharts, init, use } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { CanvasRenderer } from 'echarts/renderers';
import { h } from '../dom';

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, LabelLayout, CanvasRenderer]);

/** What `peyvand.web.components.charts` tells. */
interface Mark {
  value: number | null;
  shown: string;
  url: string;
}
interface Series {
  name: string;
  marks: Mark[];
  tone: '' | 'good' | 'bad' | 'warn' | 'info' | 'quiet';
  is_line: boolean;
}
interface Told {
  names: string[];
  series: Series[];
}
interface Pointed {
  seriesIndex: number;
  dataIndex: number;
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

  private mark({ seriesIndex, dataIndex }: Pointed): Mark | undefined {
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
    const style = getComputedStyle(this);
    const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const tones = { '': 'accent', good: 'good-solid', bad: 'bad-solid', warn: 'warn-solid', info: 'info-solid', quiet: 'line-2' };
    const isRtl = style.direction === 'rtl';
    const font = { fontFamily: style.fontFamily, fontSize: 12, color: colour('text-2') };
    const { names, series } = this.told;
    const hasLine = series.some((one) => one.is_line);
    const isAlone = series.filter((one) => !one.is_line).length === 1;
    // Where columns stand close, what they come to is read by pointing, or in the table.
    const hasRoom = isAlone && this.clientWidth / names.length > 80;
    const tone = (one: Series) => colour(tones[one.tone]);
    const value = (isOwn: boolean) => ({
      type: 'value' as const,
      position: isRtl === isOwn ? ('left' as const) : ('right' as const),
      axisLabel: { show: false },
      splitLine: { show: !isOwn, lineStyle: { color: colour('line') } },
      ...(isOwn ? { min: 0, max: 1 } : {}),
    });
    this.drawn?.setOption({
      animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      textStyle: font,
      tooltip: {
        confine: true,
        backgroundColor: colour('raised'),
        borderColor: colour('line-2'),
        textStyle: { ...font, color: colour('text') },
        trigger: 'axis',
        axisPointer: { type: 'shadow', shadowStyle: { color: colour('text'), opacity: 0.05 } },
        // Elements, for a style in a text would break the policy.
        formatter: (pointed: Pointed | Pointed[]) => this.tip([pointed].flat()),
      },
      legend: { show: series.length > 1, data: (isRtl ? [...series].reverse() : series).map((one) => one.name), bottom: 0, [isRtl ? 'right' : 'left']: 0, icon: 'roundRect', itemWidth: 10, itemHeight: 10, textStyle: font, align: isRtl ? 'right' : 'left' },
      grid: { left: 8, right: 8, top: 24, bottom: series.length > 1 ? 32 : 4, containLabel: true },
      xAxis: {
        type: 'category',
        data: names,
        inverse: isRtl,
        axisTick: { show: false },
        axisLine: { lineStyle: { color: colour('line-2') } },
        axisLabel: { ...font, hideOverlap: true, width: Math.max(48, this.clientWidth / names.length - 8), overflow: 'truncate' },
      },
      yAxis: hasLine ? [value(false), value(true)] : value(false),
      series: series.map((one) =>
        one.is_line
          ? { type: 'line', name: one.name, yAxisIndex: 1, data: one.marks.map((mark) => mark.value), color: tone(one), symbolSize: 7, connectNulls: true, lineStyle: { width: 2 } }
          : {
              type: 'bar',
              name: one.name,
              stack: 'all',
              data: one.marks.map((mark) => mark.value),
              color: tone(one),
              barMaxWidth: 44,
              itemStyle: { borderRadius: isAlone ? [4, 4, 0, 0] : 0 },
              cursor: one.marks.some((mark) => mark.url) ? 'pointer' : 'default',
              label: { show: hasRoom, position: 'top', ...font, formatter: ({ dataIndex }: Pointed) => (one.marks[dataIndex]?.value ? (one.marks[dataIndex]?.shown ?? '') : '') },
              labelLayout: { hideOverlap: true },
            },
      ),
    }, true);
  }

  private tip(pointed: Pointed[]): HTMLElement {
    const name = this.told.names[pointed[0]?.dataIndex ?? 0] ?? '';
    const lines = pointed.flatMap((one) => {
      const mark = this.mark(one);
      return mark && mark.value !== null ? [h('div', { class: 'row g2' }, h('span', { class: 'grow' }, this.told.series[one.seriesIndex]?.name ?? ''), h('b', { class: 'num' }, mark.shown))] : [];
    });
    return h('div', { class: 'chart-tip', dir: getComputedStyle(this).direction }, h('b', {}, name), ...lines);
  }
}
