/** The parts of an answer as they are drawn. */

import { html, nothing, svg, type TemplateResult } from "lit";

import { quoteOf, seen, type Finding, type Near, type Reply, type Side, type Source, type Turn } from "./conversation.js";
import type { Opinion, Style } from "./service.js";
import { fill, type Strings } from "./strings.js";

/** What the templates need to know of the widget. */
export interface Context {
  strings: Strings;
  language: string;
  /** The number of the source that is open in this turn, if any. */
  open: number | null;
  /** What became of the last copying, for a moment. */
  told: string;
  toggle(number: number): void;
  close(): void;
  copy(source: Source): void;
  askLiterally(): void;
  /** What the reader has said of the answer so far. */
  opinion: Turn["opinion"];
  judge(isHelpful: boolean, reason?: Opinion["reason"]): void;
}

export const cross = svg`<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M5 5l10 10M15 5L5 15"/></svg>`;
export const bubble = svg`<svg viewBox="0 0 20 20" aria-hidden="true"><path
  d="M4 4h12v9H9l-4 3.5V13H4zM7.5 7.5h5M7.5 10h3"/></svg>`;
const thumb = svg`<svg viewBox="0 0 20 20" aria-hidden="true"><path
  d="M6 9v8H3V9zM6 9l4-6.5c1.4 0 2 .9 2 2L11.5 8H16a1.5 1.5 0 0 1 1.5 1.7l-1 6A1.5 1.5 0 0 1 15 17H6"/></svg>`;
export const bin = svg`<svg viewBox="0 0 20 20" aria-hidden="true"><path
  d="M3.5 5.5h13M8 5V3.5h4V5M5.5 5.5l.7 11h7.6l.7-11M8.5 8.5v5M11.5 8.5v5"/></svg>`;

/** The answers of a turn: the best with its quote, then the others, each with its footnotes. */
export function reply(said: Reply, context: Context): TemplateResult {
  const { strings } = context;
  const [best, ...others] = said.findings;
  let count = 0;
  const numbered = (finding: Finding) => finding.sources.map((source) => ({ source, number: ++count }));
  return html`
    ${said.isPartial ? html`<p class="small" role="note">${strings.partial}</p>` : nothing}
    ${said.understood && html`<p class="small">
      ${fill(strings.understood, isolated(said.understood))}
      <button class="link" part="button" type="button" @click=${context.askLiterally}>${strings.literally}</button>
    </p>`}
    ${best
      ? html`${said.sides?.length ? sides(said.sides, said.isNewer, context) : nothing}
          ${finding(best, numbered(best), context)}
          ${others.length
            ? html`<div class="more">
                <p class="small">${strings.more}</p>
                ${others.map((other) => minor(other, numbered(other), context))}
              </div>`
            : nothing}`
      : html`<p>${said.isPartial ? strings.unfound : strings.none}</p>
          ${said.guess &&
          html`<details>
            <summary>${strings.guess}</summary>
            ${finding(said.guess, numbered(said.guess), context)}
          </details>`}
          ${said.near?.length ? near(said.near, context) : nothing}`}
    ${said.disputable ? thumbs(context) : nothing}
  `;
}

/** What articles say in contradiction to each other, and when they were published. */
function sides(all: Side[], isNewer: boolean | undefined, { strings, language }: Context): TemplateResult {
  return html`<div class="sides" part="dispute" role="note">
    <p class="small">${isNewer ? strings.newer : strings.disputed}</p>
    <ul>${all.map(
      ({ text, sources, days }) => html`<li>
        <b dir="auto">${text}</b>${days.length ? html` <span class="small">${span(days, language)}</span>` : nothing}
        ${sources.map(({ title, link }) => html`<a class="small" href=${link} target="_blank" rel="noopener" dir="auto">${title}</a>`)}
      </li>`,
    )}</ul>
  </div>`;
}

const reasons = ["wrong", "incomplete", "not_in_articles", "other"] as const;

/** Whether the answer helped, and why not. */
function thumbs({ strings, opinion, judge }: Context): TemplateResult {
  if (opinion === "noted" || opinion === "lost") return html`<p class="small" role="status">${strings[opinion]}</p>`;
  return html`<div class="thumbs" part="feedback">
    <button class="plain" type="button" aria-label=${strings.helped} @click=${() => judge(true)}>${thumb}</button>
    <button
      class="plain"
      type="button"
      aria-label=${strings.unhelped}
      aria-expanded=${opinion === "unhelpful" ? "true" : "false"}
      @click=${() => judge(false)}
    >${thumb}</button>
    ${opinion === "unhelpful"
      ? reasons.map(
          (reason) => html`<button class="small" part="button" type="button" @click=${() => judge(false, reason)}>
            ${strings[reason]}
          </button>`,
        )
      : nothing}
  </div>`;
}

/** What was read for an answer and holds none. */
function near(passages: Near[], { strings }: Context): TemplateResult {
  return html`<div class="more">
    <p class="small">${strings.near}</p>
    ${passages.map(
      ({ title, link, text, styles = [] }) => html`<div class="near">
        <a href=${link} target="_blank" rel="noopener" dir="auto">${title}</a>
        <p class="small" dir="auto">${styled(text, 0, styles)}</p>
      </div>`,
    )}
  </div>`;
}

interface Numbered {
  source: Source;
  number: number;
}

function finding(found: Finding, sources: Numbered[], context: Context): TemplateResult {
  const { strings } = context;
  const first = sources[0];
  return html`<div class="finding" part="answer">
    <p class="answer" dir="auto">${settled(found, strings)}${found.text}${meant(found, context)}</p>
    ${found.items.length > 0 ? html`<ul>${found.items.map((item) => html`<li dir="auto">${item}</li>`)}</ul>` : nothing}
    ${first && html`<p class="quote" part="quote" dir="auto">${quote(first.source)}${notes(sources, context)}</p>`}
    <p class="small by">
      ${certainty(found, context)}${found.attribution && ` · ${fill(strings.said, isolated(found.attribution))}`}
      ${first && [first.source.title, ...dated(first.source, context.language)].map((each) => html` · <bdi>${each}</bdi>`)}
    </p>
    ${found.aged && html`<p class="small" role="note">${fill(strings.aged, span([found.aged], context.language))}</p>`}
    ${passage(sources, context)}
  </div>`;
}

/** The days that a date in the answer means. */
function meant({ days }: Finding, { language }: Context): TemplateResult | typeof nothing {
  return days?.length ? html` <span class="small">${span(days, language)}</span>` : nothing;
}

/** "Yes: " or "No: " before a clause that says so. */
function settled({ verdict }: Finding, strings: Strings): string {
  return verdict ? `${strings[verdict]}: ` : "";
}

function minor(found: Finding, sources: Numbered[], context: Context): TemplateResult {
  return html`<div class="finding" part="answer">
    <div class="minor">
      <span class="answer" dir="auto">${found.text}${meant(found, context)}</span>
      <span class="small">${certainty(found, context)}${notes(sources, context)}</span>
    </div>
    ${passage(sources, context)}
  </div>`;
}

/** Text that keeps its own direction inside of other text. */
function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

function certainty(found: Finding, { strings, language }: Context): string {
  if (found.isCurated) return strings.curated;
  return fill(strings.sure, new Intl.NumberFormat(language, { style: "percent" }).format(Math.min(found.confidence, 0.99)));
}

function quote({ pieces: [before, opening, answer, closing], styles = [] }: Source): TemplateResult {
  const from = [...before].length;
  const [at, end] = [from + [...opening].length, from + [...(opening + answer)].length];
  return html`${styled(opening, from, styles)}<strong>${styled(answer, at, styles)}</strong>${styled(closing, end, styles)}`;
}

const tags: Record<string, (words: unknown, name: string) => unknown> = {
  cell: (words, name) => [name && html`<i>${name}: </i>`, words],
  gap: () => " · ",
  strong: (words) => html`<b>${words}</b>`,
  emphasis: (words) => html`<em>${words}</em>`,
  code: (words) => html`<code>${words}</code>`,
  line: (words) => html`<code class="line">${words}</code>`,
  strike: (words) => html`<s>${words}</s>`,
};

/** A text as it looks in the article. `from` is where it begins, as `styles` count, in code points. */
function styled(text: string, from: number, styles: Style[]): unknown {
  const signs = [...text];
  const here = styles
    .map(({ start, end, look, value }) => ({
      start: Math.max(0, start - from),
      end: Math.min(end - from, signs.length),
      look,
      name: start < from ? "" : value,
    }))
    .filter(({ start, end, look }) => start < end && look in tags);
  const cuts = [...new Set([0, ...here.flatMap(({ start, end }) => [start, end]), signs.length])].sort((a, b) => a - b);
  return cuts.slice(1).map((end, at) =>
    here
      .filter((each) => each.start < end && end <= each.end)
      .reduceRight<unknown>((words, { look, name }) => tags[look]!(words, name), seen(signs.slice(cuts[at], end).join(""))),
  );
}

function notes(sources: Numbered[], { strings, open, toggle }: Context): TemplateResult[] {
  return sources.map(
    ({ source, number }) => html`<button
      class="note"
      part="footnote"
      type="button"
      data-note=${number}
      aria-expanded=${open === number ? "true" : "false"}
      aria-label=${fill(strings.source, String(number), source.title)}
      @click=${() => toggle(number)}
    >${number}</button>`,
  );
}

/** The open one of `sources`: the passage with the quote marked, who wrote it, and the way to the article. */
function passage(sources: Numbered[], context: Context): TemplateResult | typeof nothing {
  const { strings, language, open, told } = context;
  const shown = sources.find(({ number }) => number === open);
  if (!shown) return nothing;
  const { source, number } = shown;
  const [before, , , , after] = source.pieces;
  const lead = before.split(/\n\s*\n/).at(-1) ?? "";
  const rest = after.split(/\n\s*\n/, 1)[0] ?? "";
  const look = (text: string, from: number) => styled(text, from, source.styles ?? []);
  const far = [...before].length - [...lead].length;
  const near = [...before].length + [...quoteOf(source)].length;
  const byline = describe(source, strings, language);
  return html`<section
    class="passage"
    part="passage"
    tabindex="-1"
    aria-label=${fill(strings.source, String(number), source.title)}
  >
    <header>
      <div>
        <p class="title" dir="auto">${source.title}</p>
        <p class="small">${byline.map((each, at) => html`${at ? " · " : ""}<bdi>${each}</bdi>`)}</p>
      </div>
      <button class="icon plain" type="button" aria-label=${strings.close} @click=${context.close}>${cross}</button>
    </header>
    <blockquote dir="auto"><span class="far">${look(before.slice(0, -lead.length || undefined), 0)}</span>${look(lead, far)}<mark part="mark">${quote(source)}</mark>${look(rest, near)}<span class="far">${look(after.slice(rest.length), near + [...rest].length)}</span></blockquote>
    <div class="actions">
      ${/^https?:/.test(source.link)
        ? html`<a href=${source.link} target="_blank" rel="noopener">${strings.open}</a>`
        : nothing}
      <button part="button" type="button" @click=${() => context.copy(source)}>
        ${told || strings.copy}
      </button>
    </div>
  </section>`;
}

function describe(source: Source, strings: Strings, language: string): string[] {
  const where = source.page ? [fill(source.recognised ? strings.recognised : strings.page, String(source.page))] : [];
  return [...source.by, ...dated(source, language), ...where];
}

/** The day, if it is known; English without a region has it as the pages of the service have it. */
function dated({ published }: Source, language: string): string[] {
  return published ? [span([published], language)] : [];
}

/** A day, or the first and the last of several. */
function span(days: string[], language: string): string {
  const format = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "long", timeZone: "UTC" });
  return days.map((day) => format.format(new Date(`${day}T00:00:00Z`))).join(" – ");
}

/** A quote with all that is needed to find it again, as plain text. */
export function citationText(source: Source, strings: Strings, language: string): string {
  const told = [source.title, ...describe(source, strings, language)].join(", ");
  return `“${seen(quoteOf(source))}”\n— ${told}\n${source.link}`;
}
