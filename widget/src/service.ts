/** The service over HTTP: one question to cited answers. Offsets that it gives count code points. */

export interface Citation {
  article_id: string;
  title: string;
  source: string | null;
  authors: string[];
  published: string | null;
  page: number | null;
  start: number;
  end: number;
  quote: string;
  quote_start: number;
  quote_end: number;
  prefix: string;
  suffix: string;
  link: string;
}

export interface Answer {
  text: string;
  confidence: number;
  attribution: string | null;
  citations: Citation[];
}

export interface Passage {
  article_id: string;
  start: number;
  end: number;
  text: string;
}

export interface AskResponse {
  question: string;
  standalone_question: string;
  answerable: boolean;
  answers: Answer[];
  best_guess: Answer | null;
  passages: Passage[] | null;
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
 * @throws Trouble when no answer came; an AbortError when `signal` said so.
 */
export async function ask(endpoint: string, request: AskRequest, signal: AbortSignal): Promise<AskResponse> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(`${endpoint}/v1/ask`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...request, include_passages: true }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
    body = await response.json().catch((error: unknown) => {
      if (error instanceof SyntaxError) return null;
      throw error;
    });
  } catch {
    signal.throwIfAborted();
    throw new Trouble("offline");
  }
  if (response.ok && isAnswer(body)) return body;
  const { detail = "" } = (body ?? {}) as { detail?: string };
  if (response.status === 429 || response.status === 503) throw new Trouble("busy", detail);
  throw new Trouble(response.status === 413 || response.status === 422 ? "refused" : "failed", detail);
}

function isAnswer(body: unknown): body is AskResponse {
  return typeof body === "object" && body !== null && Array.isArray((body as AskResponse).answers);
}
