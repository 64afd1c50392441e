/** The element `<pullquote-chat>`: a conversation with the service. */

import { html, LitElement, nothing, unsafeCSS, type PropertyValues, type TemplateResult } from "lit";

import { historyOf, recall, remember, replyOf, type Source, type Turn } from "./conversation.js";
import { ask, suggest, tell, Trouble, type Filters, type Opinion } from "./service.js";
import { choose, directionOf, stringsOf, type Strings } from "./strings.js";
import styles from "./styles.css";
import { bin, bubble, citationText, cross, reply } from "./templates.js";

const json = {
  fromAttribute(value: string | null): unknown {
    try {
      return value === null ? undefined : JSON.parse(value);
    } catch {
      console.error(`pullquote-chat: an attribute is not valid JSON: ${value}`);
      return undefined;
    }
  },
};

const MOST_CHARACTERS = 2000;
const SHOWN_MS = 2500;
const TYPING_MS = 200;
const GAP = 12;

export class PullquoteChat extends LitElement {
  static override styles = unsafeCSS(styles);
  static override properties = {
    endpoint: {},
    key: {},
    heading: {},
    placeholder: {},
    welcome: {},
    limit: { type: Number },
    minConfidence: { type: Number, attribute: "min-confidence" },
    filters: { converter: json },
    suggestions: { converter: json },
    strings: { converter: json },
    mode: {},
    turns: { state: true },
    open: { state: true },
    told: { state: true },
    offered: { state: true },
  };

  /** The service that this script came from. */
  static home = "";

  declare endpoint?: string;
  declare key?: string;
  declare heading?: string;
  declare placeholder?: string;
  declare welcome?: string;
  declare limit?: number;
  declare minConfidence?: number;
  declare filters?: Filters;
  declare suggestions?: string[];
  declare strings?: Partial<Strings>;
  /** Unset: a box in the page. `bubble`: a button in the corner that opens one. `modal`: a dialog that opens on Ctrl-K
   * or when a script calls `show()`. */
  declare mode?: "bubble" | "modal";

  declare private turns: Turn[];
  declare private open: { turn: Turn; number: number } | null;
  declare private told: string;
  /** What may be meant with what was typed so far. */
  declare private offered: string[];

  #typing = 0;
  #running: AbortController | null = null;

  constructor() {
    super();
    this.turns = [];
    this.open = null;
    this.told = "";
    this.offered = [];
  }

  static override get observedAttributes(): string[] {
    return [...super.observedAttributes, "lang", "dir"];
  }

  override attributeChangedCallback(name: string, old: string | null, value: string | null): void {
    super.attributeChangedCallback(name, old, value);
    this.requestUpdate();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("keydown", this.#onHotkey);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("keydown", this.#onHotkey);
    this.stop();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!this.hasUpdated || changed.has("endpoint")) {
      this.stop();
      this.turns = recall(this.#key);
      this.open = null;
    }
  }

  protected override firstUpdated(): void {
    const log = this.#find(".log");
    if (log) log.scrollTop = log.scrollHeight;
  }

  /** Open the dialog of the modes `bubble` and `modal`. */
  show(): void {
    const dialog = this.#dialog;
    if (!dialog || dialog.open) return this.focus();
    if (this.mode === "modal") dialog.showModal();
    else dialog.show();
    this.#find(".launcher")?.setAttribute("aria-expanded", "true");
    this.focus();
  }

  /** Close it. */
  hide(): void {
    this.#dialog?.close();
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector("dialog");
  }

  #onClosed(): void {
    const launcher = this.#find(".launcher");
    launcher?.setAttribute("aria-expanded", "false");
    launcher?.focus();
  }

  /** Escape closes the open passage first. */
  #onCancel(event: Event): void {
    if (this.open || this.#running) event.preventDefault();
  }

  #onHotkey = (event: KeyboardEvent): void => {
    if (!this.mode || event.defaultPrevented || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    this.show();
  };

  /** Ask a question, as if it had been typed. */
  async ask(question: string): Promise<void> {
    const asked = [...question.trim()].slice(0, MOST_CHARACTERS).join("");
    if (!asked || this.#running) return;
    this.#offer([]);
    await this.#answer([...this.turns, { question: asked, state: "asking" }]);
  }

  /** Give up waiting for the answer. */
  stop(): void {
    this.#running?.abort();
  }

  /** Forget the conversation. */
  clear(): void {
    this.stop();
    this.open = null;
    this.#keep([]);
    this.focus();
  }

  override focus(options?: FocusOptions): void {
    this.#find("textarea")?.focus(options);
  }

  /** Find the answer to the last of `turns`. */
  async #answer(turns: Turn[]): Promise<void> {
    let turn = turns.at(-1);
    if (!turn) return;
    const running = (this.#running = new AbortController());
    const endpoint = this.#endpoint;
    const { limit, minConfidence, filters } = this;
    const request = {
      question: turn.question,
      history: turn.isAlone ? [] : historyOf(turns.slice(0, -1)),
      ...(limit && { limit }),
      ...(minConfidence !== undefined && { min_confidence: minConfidence }),
      ...(filters && { filters }),
    };
    const { question, isAlone } = turn;
    const replace = (by: Turn) => {
      if (this.turns.at(-1) !== turn) return;
      this.#keep([...this.turns.slice(0, -1), by]);
      turn = by;
    };
    this.#keep(turns);
    this.#send("ask", { question });
    await this.#show();
    let done: Turn;
    try {
      const onFound = (reading: string[]) => replace({ question, isAlone, state: "asking", reading });
      const body = await ask(endpoint, this.key, request, running.signal, onFound);
      done = { question, isAlone, state: "answered", reply: replyOf(body, endpoint) };
      this.#send("answer", body);
    } catch (error) {
      const trouble = error instanceof Trouble ? error : null;
      const state = trouble?.reason ?? (running.signal.aborted ? "stopped" : "failed");
      done = { question, isAlone, state, detail: trouble?.detail ?? "" };
      if (state !== "stopped") this.#send("error", { reason: state, detail: trouble?.detail ?? "" });
    }
    this.#running = null;
    replace(done);
    await this.#show();
  }

  /** Keep what the reader thinks of the answer of a turn; the reason is asked for where it did not help. */
  async #judge(turn: Turn, helpful: boolean, reason: Opinion["reason"]): Promise<void> {
    const { reply } = turn;
    if (!reply?.disputable) return;
    const replace = (opinion: Turn["opinion"]) => {
      const by = { ...turn, opinion };
      if (this.open?.turn === turn) this.open = { ...this.open, turn: by };
      this.#keep(this.turns.map((each) => (each === turn ? by : each)));
      turn = by;
    };
    if (!helpful && !reason) return replace(turn.opinion ? undefined : "unhelpful");
    const opinion = {
      question: reply.disputable,
      helpful,
      ...(reason && { reason }),
      answer: reply.findings[0]?.place ?? null,
    };
    replace((await tell(this.#endpoint, this.key, opinion)) ? "noted" : "lost");
    this.#send("feedback", opinion);
  }

  async #retry(turn: Turn, isAlone = turn.isAlone): Promise<void> {
    if (this.#running) return;
    this.focus();
    const { question } = turn;
    await this.#answer([...this.turns.filter((each) => each !== turn), { question, isAlone, state: "asking" }]);
  }

  #keep(turns: Turn[]): void {
    this.turns = turns;
    remember(this.#key, turns);
  }

  get #endpoint(): string {
    return new URL(this.endpoint ?? PullquoteChat.home, document.baseURI).href.replace(/\/+$/, "");
  }

  get #key(): string {
    return `pullquote 1 ${this.id} ${this.#endpoint}`;
  }

  get #language(): string {
    const near = this.closest<HTMLElement>("[lang]")?.lang;
    if (this.strings && near) return near;
    return choose([...(near ? [near] : []), ...navigator.languages]);
  }

  #find<Name extends string>(selector: Name) {
    return this.renderRoot.querySelector<Name extends "textarea" ? HTMLTextAreaElement : HTMLElement>(selector);
  }

  #send(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(`pullquote-${name}`, { detail, bubbles: true, composed: true }));
  }

  /** Bring the last turn into view, without moving the page. */
  async #show(): Promise<void> {
    await this.updateComplete;
    const log = this.#find(".log");
    const last = this.#find(".turn:last-of-type");
    if (log && last) log.scrollTop = last.offsetTop - log.clientTop - parseFloat(getComputedStyle(log).paddingTop);
  }

  async #toggle(turn: Turn, number: number): Promise<void> {
    if (this.open?.turn === turn && this.open.number === number) return this.#close();
    this.open = { turn, number };
    this.told = "";
    await this.updateComplete;
    this.#find(".passage")?.focus({ preventScroll: true });
    this.#reveal();
    this.#send("open", { ...turn.reply?.findings.flatMap(({ sources }) => sources)[number - 1] });
  }

  /** Bring the mark into view, with the question if there is room for both, or else with the answer. */
  #reveal(): void {
    const log = this.#find(".log");
    const mark = this.#find("mark");
    if (!log || !mark) return;
    const end = mark.getBoundingClientRect().bottom;
    const tops = [".turn", ".finding", ".passage"].map((each) => mark.closest(each)?.getBoundingClientRect().top ?? end);
    const top = tops.find((each) => end - each < log.clientHeight - GAP) ?? mark.getBoundingClientRect().top;
    log.scrollTop += top - log.getBoundingClientRect().top - GAP;
  }

  /** Close the passage and go back to its footnote. */
  async #close(): Promise<void> {
    const note = this.#find(".note[aria-expanded=true]");
    this.open = null;
    await this.updateComplete;
    note?.focus();
  }

  async #copy(source: Source, strings: Strings, language: string): Promise<void> {
    const text = citationText(source, strings, language);
    const isCopied = await (navigator.clipboard?.writeText(text) ?? Promise.reject()).then(
      () => true,
      () => this.#copyTheOldWay(text),
    );
    this.told = isCopied ? strings.copied : strings.uncopied;
    setTimeout(() => (this.told = ""), SHOWN_MS);
  }

  /** Pages without TLS have no clipboard. */
  #copyTheOldWay(text: string): boolean {
    const area = Object.assign(document.createElement("textarea"), { value: text, className: "unseen" });
    const { activeElement } = this.renderRoot as ShadowRoot;
    this.#find(".frame")?.append(area);
    area.select();
    const isCopied = document.execCommand("copy");
    area.remove();
    (activeElement as HTMLElement | null)?.focus();
    return isCopied;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.isComposing) return;
    if (this.offered.length) {
      event.stopPropagation();
      this.#offer([]);
      this.focus();
      return;
    }
    if (!(this.open || this.#running)) {
      if (this.mode === "bubble") this.hide();
      return;
    }
    event.stopPropagation();
    if (this.open) void this.#close();
    else this.stop();
  }

  /** Offer these, and nothing that is looked for still. */
  #offer(questions: string[]): void {
    clearTimeout(this.#typing);
    this.#typing = 0;
    this.offered = questions;
  }

  /** Offer what begins so, unless more is typed meanwhile. */
  #onInput(event: Event): void {
    const field = event.target as HTMLTextAreaElement;
    const typed = field.value;
    clearTimeout(this.#typing);
    const typing = setTimeout(async () => {
      const found = this.filters || typed.trim().length < 2 ? [] : await suggest(this.#endpoint, this.key, typed);
      if (this.#typing === typing) this.offered = found.filter((each) => each !== typed);
    }, TYPING_MS);
    this.#typing = typing;
  }

  /** The arrows lead from the field up into what is offered, and back. */
  #onArrow(event: KeyboardEvent): void {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const stops = [...this.renderRoot.querySelectorAll<HTMLElement>(".offered button, textarea")];
    if (!step || stops.length < 2) return;
    event.preventDefault();
    const at = stops.indexOf(event.target as HTMLElement);
    stops[(at + step + stops.length) % stops.length]?.focus();
  }

  #take(question: string): void {
    const field = this.#find("textarea");
    if (field) field.value = "";
    this.focus();
    void this.ask(question);
  }

  #onTyping(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    (event.target as HTMLTextAreaElement).form?.requestSubmit();
  }

  #onSubmit(event: Event): void {
    event.preventDefault();
    const field = this.#find("textarea");
    if (!field || this.#running || !field.value.trim()) return;
    const question = field.value;
    field.value = "";
    void this.ask(question);
  }

  #onStop(event: MouseEvent): void {
    const isSecondOfDoubleClick = event.detail > 1;
    if (!this.#running || isSecondOfDoubleClick) return;
    event.preventDefault();
    this.stop();
  }

  protected override render(): TemplateResult {
    const language = this.#language;
    const strings = { ...stringsOf(language), ...this.strings };
    const frame = this.#frame(strings, language);
    if (!this.mode) return frame;
    const heading = this.heading ?? strings.heading;
    const direction = this.dir || directionOf(language);
    return html`${this.mode === "bubble"
        ? html`<button
            class="launcher"
            part="launcher"
            type="button"
            lang=${language}
            dir=${direction}
            aria-haspopup="dialog"
            aria-expanded="false"
            aria-label=${heading}
            @click=${() => (this.#dialog?.open ? this.hide() : this.show())}
          >${bubble}</button>`
        : nothing}
      <dialog
        class=${this.mode}
        part="dialog"
        lang=${language}
        dir=${direction}
        aria-label=${heading}
        @close=${this.#onClosed}
        @cancel=${this.#onCancel}
      >${frame}</dialog>`;
  }

  #frame(strings: Strings, language: string): TemplateResult {
    const asking = this.turns.at(-1)?.state === "asking";
    return html`<div
      class="frame"
      part="frame"
      lang=${language}
      dir=${this.dir || directionOf(language)}
      @keydown=${this.#onKey}
    >
      <header part="header">
        <h2>${this.heading ?? strings.heading}</h2>
        <div>
          ${this.turns.length
            ? html`<button class="icon plain" type="button" aria-label=${strings.clear} @click=${this.clear}>${bin}</button>`
            : nothing}
          ${this.mode
            ? html`<button class="icon plain" type="button" aria-label=${strings.close} @click=${this.hide}>${cross}</button>`
            : nothing}
        </div>
      </header>
      <div class="log" part="log" role="log" aria-label=${strings.log} tabindex="0">
        ${this.turns.length ? nothing : this.#welcome(strings)}
        ${this.turns.map((turn) => this.#turn(turn, strings, language))}
      </div>
      <form part="composer" @submit=${this.#onSubmit} @keydown=${this.#onArrow}>
        ${this.offered.length
          ? html`<div class="offered" role="group" aria-label=${strings.offered} >
              ${this.offered.map((question) => this.#suggestion(question))}
            </div>`
          : nothing}
        <textarea
          part="input"
          rows="1"
          maxlength=${MOST_CHARACTERS}
          enterkeyhint="send"
          aria-label=${strings.label}
          placeholder=${this.placeholder ?? strings.placeholder}
          @keydown=${this.#onTyping}
          @input=${this.#onInput}
        ></textarea>
        <button class="primary" part="send" @click=${this.#onStop}>${asking ? strings.stop : strings.send}</button>
      </form>
      <p class="unseen" role="status">${this.told}</p>
    </div>`;
  }

  #welcome(strings: Strings): TemplateResult {
    return html`<div class="welcome">
      <p>${this.welcome ?? strings.welcome}</p>
      ${[this.suggestions ?? []].flat().map((question) => this.#suggestion(question))}
    </div>`;
  }

  #suggestion(question: string): TemplateResult {
    return html`<button class="suggestion" part="suggestion" type="button" dir="auto" @click=${() => this.#take(question)}>${question}</button>`;
  }

  #turn(turn: Turn, strings: Strings, language: string): TemplateResult {
    const context = {
      strings,
      language,
      open: this.open?.turn === turn ? this.open.number : null,
      told: this.told,
      toggle: (number: number) => void this.#toggle(turn, number),
      close: () => void this.#close(),
      copy: (source: Source) => void this.#copy(source, strings, language),
      opinion: turn.opinion,
      judge: (helpful: boolean, reason?: Opinion["reason"]) => void this.#judge(turn, helpful, reason),
      askLiterally: () => void this.#retry(turn, true),
    };
    return html`<div class="turn" part="turn">
      <p class="question" part="question"><span class="unseen">${strings.asked} </span><bdi>${turn.question}</bdi></p>
      ${turn.reply ? reply(turn.reply, context) : nothing}
      ${turn.state === "asking" ? this.#waiting(turn, strings) : nothing}
      ${turn.state === "answered" || turn.state === "asking" ? nothing : this.#trouble(turn, strings)}
    </div>`;
  }

  #waiting({ reading }: Turn, strings: Strings): TemplateResult {
    return html`<div class="waiting">
      <p>${strings.asking}</p>
      ${reading?.length
        ? html`<ul class="small" aria-hidden="true">
            ${reading.map((title) => html`<li dir="auto">${title}</li>`)}
          </ul>`
        : nothing}
    </div>`;
  }

  #trouble(turn: Turn, strings: Strings): TemplateResult {
    const told = strings[turn.state as keyof Strings];
    return html`<div class="trouble" part="trouble">
      <p>${told}${turn.detail ? html` <span class="small" lang="en" dir="auto">${turn.detail}</span>` : nothing}</p>
      <button type="button" part="button" @click=${() => void this.#retry(turn)}>${strings.retry}</button>
    </div>`;
  }
}
