/** The service over HTTP: one question to cited answers. Offsets that it gives count code points. */

export interface Citation {
  article_id: string;
  title: string;
  source: string | null;
  authors: string[];
  published: string | null;
  page: number | null;
  recognised: boolean;
  start: number;
  end: number;
  quote: string;
  quote_start: number;
  quote_end: number;
  link: string;
}

/** A value that articles give, and those that do. */
export interface Position {
  text: string;
  relation: "same" | "compatible" | "contradicting";
  witnesses: number;
  citations: Citation[];
}

export interface Answer {
  text: string;
  confidence: number;
  attribution: string | null;
  citations: Citation[];
  verdict?: "yes" | "no" | null;
  parts?: { text: string; citation: Citation }[];
  curated?: boolean;
  old?: boolean;
  date?: { first: string; last: string } | null;
}

export interface Passage {
  article_id: string;
  title: string;
  start: number;
  end: number;
  text: string;
  styles?: Style[];
}

/** How a stretch of an article looks; of a `cell`, `value` is the name of its column. */
export interface Style {
  start: number;
  end: number;
  look: string;
  value: string;
}

export interface AskResponse {
  question: string;
  standalone_question: string;
  answerable: boolean;
  answers: Answer[];
  best_guess: Answer | null;
  passages: Passage[] | null;
  takes_feedback?: boolean;
  /** False when a part of the index did not answer. */
  complete?: boolean;
  agreement?: { disputed: boolean; newer: boolean; positions: Position[] } | null;
}

/** What a reader thinks of an answer. */
export interface Opinion {
  question: string;
  helpful: boolean;
  reason?: "wrong" | "incomplete" | "not_in_articles" | "other";
  answer: { text: string; article_id: string; start: number; end: number } | null;
}

export interface Filters {
  sources?: string[];
  authors?: string[];
  tags?: string[];
  article_ids?: string[];
  published_from?: string;
  published_to?: string;
}

export interface AskRequest {
  question: string;
  limit?: number;
  min_confidence?: number;
  filters?: Filters;
  history?: { role: "user" | "assistant"; content: string }[];
}

export type Reason = "offline" | "busy" | "refused" | "failed";

/** Why there is no answer; `detail` is the service's own words, in English. */
export class Trouble extends Error {
  constructor(readonly reason: Reason, readonly detail = "") {
    super(detail || reason);
  }
}

const PATIENCE_MS = 60_000;

/**
 * Ask the service.
 *
 * @param key is one that anybody may read: it stands in the page.
 * @param onFound is told the titles of the articles that are about to be read.
 * @throws Trouble when no answer came; an AbortError when `signal` said so.
 */
export async function ask(
  endpoint: string,
  key: string | undefined,
  request: AskRequest,
  signal: AbortSignal,
  onFound: (titles: string[]) => void,
): Promise<AskResponse> {
  try {
    const response = await fetch(`${endpoint}/v1/ask`, {
      ...posted({ ...request, include_passages: true }, key),
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
    if (!isStream || !response.body) return settled(await response.json().catch(nothingIfNoJson), response.status);
    for await (const { event, data } of events(response.body)) {
      if (event === "found") onFound((data as Found).articles.map(({ title }) => title));
      if (event === "answered") return settled(data, 200);
      if (event === "failed") return settled(data, (data as Problem).status);
    }
  } catch (error) {
    if (error instanceof Trouble) throw error;
    signal.throwIfAborted();
  }
  throw new Trouble("offline");
}

/** What somebody who has typed `beginning` may want to ask; nothing where the service does not tell. */
export async function suggest(endpoint: string, key: string | undefined, beginning: string): Promise<string[]> {
  try {
    const response = await fetch(`${endpoint}/suggest?${new URLSearchParams({ q: beginning })}`, sent(key));
    return response.ok ? await response.json() : [];
  } catch {
    return [];
  }
}

/** Tell the service what a reader thinks. @returns whether it was kept. */
export async function tell(endpoint: string, key: string | undefined, opinion: Opinion): Promise<boolean> {
  try {
    return (await fetch(`${endpoint}/v1/feedback`, posted(opinion, key))).ok;
  } catch {
    return false;
  }
}

function posted(body: object, key: string | undefined): RequestInit {
  const asJson = { "content-type": "application/json", accept: "text/event-stream, application/json" };
  return { method: "POST", body: JSON.stringify(body), ...sent(key, asJson) };
}

function sent(key: string | undefined, headers = {}): RequestInit {
  return {
    headers: { ...headers, ...(key && { authorization: `Bearer ${key}` }) },
    credentials: key ? "omit" : "same-origin",
    referrerPolicy: "no-referrer",
  };
}

interface Found {
  articles: { title: string }[];
}

interface Problem {
  status: number;
  detail?: string;
}

function settled(body: unknown, status: number): AskResponse {
  if (status === 200 && Array.isArray((body as AskResponse | null)?.answers)) return body as AskResponse;
  const detail = (body as Problem | null)?.detail;
  const reason = status === 429 || status === 503 ? "busy" : status === 413 || status === 422 ? "refused" : "failed";
  throw new Trouble(reason, detail);
}

function nothingIfNoJson(error: unknown): null {
  if (error instanceof SyntaxError) return null;
  throw error;
}

/** The server-sent events of a body, with the JSON that they carry. */
async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<{ event: string; data: unknown }> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (text + decoder.decode(value, { stream: true })).split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const field = (name: string) => block.match(new RegExp(`^${name}: ?(.*)$`, "m"))?.[1];
      const data = field("data");
      if (data) yield { event: field("event") ?? "message", data: JSON.parse(data) };
    }
  }
}
