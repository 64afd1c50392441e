/** What was asked and answered in this tab, in the form in which it is shown and kept. */

import type { Answer, AskRequest, AskResponse, Citation, Opinion, Passage, Reason, Style } from "./service.js";

/** A place in an article: the passage in five pieces, the quote between the first and the last, the answer within. */
export interface Source {
  title: string;
  by: string[];
  published: string | null;
  page: number | null;
  recognised: boolean;
  link: string;
  pieces: [before: string, opening: string, answer: string, closing: string, after: string];
  /** How parts of the pieces look, in code points from the first piece on. */
  styles?: Style[];
}

export interface Finding {
  text: string;
  confidence: number;
  attribution: string | null;
  sources: Source[];
  verdict: "yes" | "no" | null;
  /** The items of an answer that is several. */
  items: string[];
  isCurated: boolean;
  /** What an opinion on it names. */
  place: Opinion["answer"];
  /** The days, first and last, that a date in it means: "Tuesday". */
  days?: string[];
  /** The day it was so, where that is long ago and the question is about the present. */
  aged?: string | undefined;
}

/** What articles say in contradiction to each other; `days` are the first and last that they were published on. */
export interface Side {
  text: string;
  sources: { title: string; link: string }[];
  days: string[];
}

export interface Reply {
  /** The question as it was understood, when that is not how it was asked. */
  understood: string | null;
  findings: Finding[];
  guess: Finding | null;
  /** When there is no answer: what was read for one. */
  near?: Near[];
  /** The question that an opinion is about, where opinions are taken. */
  disputable: string | null;
  /** Whether a part of the articles could not be searched. */
  isPartial?: boolean;
  /** The sides, where articles contradict each other, the answer's first; and whether another is newer. */
  sides?: Side[];
  isNewer?: boolean;
}

/** A passage that holds no answer, in short. */
export interface Near {
  title: string;
  link: string;
  text: string;
  styles?: Style[];
}

export interface Turn {
  question: string;
  state: "asking" | "answered" | "stopped" | Reason;
  detail?: string;
  /** Asked without the conversation before it. */
  isAlone?: boolean;
  /** While asking: the articles that are being read. */
  reading?: string[];
  reply?: Reply;
  /** What the reader has said of the answer so far. */
  opinion?: "unhelpful" | "noted" | "lost";
}

const MOST_KEPT = 50;
const MOST_SENT = 20;

const MOST_NEAR = 3;
const NEAR_CHARACTERS = 180;

export function replyOf(body: AskResponse, endpoint: string): Reply {
  const passages = body.passages ?? [];
  return {
    understood: body.standalone_question === body.question ? null : body.standalone_question,
    findings: body.answers.map((answer) => findingOf(answer, passages)),
    guess: body.best_guess && findingOf(body.best_guess, passages),
    disputable: body.takes_feedback ? body.standalone_question : null,
    isPartial: body.complete === false,
    sides: sidesOf(body),
    isNewer: body.agreement?.newer ?? false,
    near: body.answers.length ? [] : firsts(passages).slice(0, MOST_NEAR).map((each) => nearOf(each, endpoint)),
  };
}

/** The first position and those that contradict it; none where none does. */
function sidesOf({ agreement }: AskResponse): Side[] {
  if (!agreement?.disputed) return [];
  return agreement.positions
    .filter(({ relation }, at) => !at || relation === "contradicting")
    .map(({ text, citations }) => ({
      text,
      sources: citations.map(({ title, link }) => ({ title, link })),
      days: ends(citations.flatMap(({ published }) => published ?? [])),
    }));
}

/** The first and the last of some days, or the one that they are. */
function ends(days: string[]): string[] {
  const sorted = [...new Set(days)].sort();
  return sorted.length > 1 ? [sorted[0]!, sorted.at(-1)!] : sorted;
}

function findingOf(answer: Answer, passages: Passage[]): Finding {
  const { text, confidence, attribution, citations, verdict = null, curated: isCurated = false } = answer;
  const first = citations[0];
  const sources = citations.map((citation) => sourceOf(citation, passages));
  const place = first ? { text, article_id: first.article_id, start: first.start, end: first.end } : null;
  const days = answer.date ? ends([answer.date.first, answer.date.last]) : [];
  const aged = answer.old ? ends(citations.flatMap(({ published }) => published ?? [])).at(-1) : undefined;
  return { text, confidence, attribution, sources, verdict, items: itemsOf(answer), isCurated, place, days, aged };
}

/** The parts that are worth a line each: more than two, or in several places. */
function itemsOf({ parts = [] }: Answer): string[] {
  const places = new Set(parts.map(({ citation }) => `${citation.article_id} ${citation.quote_start}`));
  return parts.length > 2 || places.size > 1 ? parts.map(({ text }) => text) : [];
}

/** The first passage of each article. */
function firsts(passages: Passage[]): Passage[] {
  return passages.filter((each, at) => passages.findIndex(({ article_id }) => article_id === each.article_id) === at);
}

function nearOf({ article_id, title, start, end, text, styles }: Passage, endpoint: string): Near {
  const link = `${endpoint}/articles/${article_id}?start=${start}&end=${end}`;
  const signs = [...text];
  const looks = moved(styles, start);
  if (signs.length <= NEAR_CHARACTERS) return { title, link, text, styles: looks };
  const short = shortened(signs.slice(0, NEAR_CHARACTERS).join(""));
  return { title, link, text: `${short}…`, styles: looks.filter((style) => style.start < [...short].length) };
}

/** Without the last word or cell, which may be cut. */
function shortened(text: string): string {
  return text.replace(/[\s|]+\S*$/, "");
}

function sourceOf(citation: Citation, passages: Passage[]): Source {
  const { title, authors, source, published, page, recognised, link } = citation;
  const by = [...authors, ...(source ? [source] : [])];
  const around = passages.find(
    ({ article_id, start, end }) => article_id === citation.article_id && start <= citation.start && citation.end <= end,
  );
  const styles = moved(around?.styles, Math.min(around?.start ?? 0, citation.quote_start));
  return { title, by, published, page, recognised, link, pieces: piecesOf(citation, around), styles };
}

/** Styles counted from the code point `by` on. */
function moved(styles: Style[] = [], by: number): Style[] {
  return styles.map(({ start, end, look, value }) => ({ start: start - by, end: end - by, look, value }));
}

/** Cuts by code points, as offsets count them. Without the passage there is the quote, which is whole sentences. */
function piecesOf(citation: Citation, around: Passage | undefined): Source["pieces"] {
  const { start, end, quote_start: first, quote_end: last } = citation;
  const quote = [...citation.quote];
  const text = around ? [...around.text] : [];
  return [
    text.slice(0, Math.max(0, first - (around?.start ?? 0))).join(""),
    quote.slice(0, start - first).join(""),
    quote.slice(start - first, end - first).join(""),
    quote.slice(end - first).join(""),
    text.slice(Math.max(0, last - (around?.start ?? 0))).join(""),
  ];
}

export function quoteOf({ pieces: [, opening, answer, closing] }: Source): string {
  return opening + answer + closing;
}

/** What is seen of a text: marks of the article's format are characters that are not. */
export function seen(text: string): string {
  return text.replace(/[\u00ad\u200b\u2060\ufeff]/g, "");
}

/** The conversation as the service takes it: answers, and what was shown as the nearest where there was none. */
export function historyOf(turns: Turn[]): AskRequest["history"] {
  return turns
    .filter((turn) => turn.state === "answered")
    .slice(-MOST_SENT)
    .flatMap(({ question, reply }) => {
      const best = reply?.findings[0];
      const guess = reply?.guess ? `No answer.\n> **${reply.guess.text}**` : "";
      const content = best ? [best.text, ...best.sources.slice(0, 1).map(quoteOf)].join("\n") : guess;
      return [
        { role: "user" as const, content: question },
        ...(content ? [{ role: "assistant" as const, content }] : []),
      ];
    });
}

/** Reads the conversation of this tab. A page that may not store anything has none. */
export function recall(key: string): Turn[] {
  try {
    const turns = JSON.parse(sessionStorage.getItem(key) ?? "[]") as Turn[];
    return turns.map((turn) => (turn.state === "asking" ? { ...turn, state: "stopped" } : turn));
  } catch {
    return [];
  }
}

export function remember(key: string, turns: Turn[]): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(turns.slice(-MOST_KEPT)));
  } catch {
    // Not stored: the conversation lives as long as the page.
  }
}
