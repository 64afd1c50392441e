/** The words of the widget. `{0}` stands for what is put in. */

const english = {
  heading: "Ask the articles",
  welcome: "Ask a question. The answer is in the exact words of an article, and shows where they stand.",
  label: "Your question",
  placeholder: "Who, when, how many…",
  send: "Ask",
  stop: "Stop",
  clear: "Clear the conversation",
  log: "Conversation",
  asked: "You asked:",
  asking: "Looking for an answer…",
  understood: "Understood as: {0}",
  literally: "Ask it as written",
  sure: "{0} sure",
  said: "said by {0}",
  none: "No article here answers that.",
  guess: "The closest there is, which may be wrong",
  more: "Also found",
  near: "Nearest in the articles",
  source: "Source {0}: {1}",
  page: "page {0}",
  open: "Open the article",
  copy: "Copy with citation",
  copied: "Copied",
  uncopied: "Copying is not allowed here",
  close: "Close",
  retry: "Try again",
  stopped: "Stopped.",
  offline: "The service can’t be reached. Are you online?",
  busy: "The service is busy. Try again in a moment.",
  refused: "The service can’t take this question.",
  failed: "Something went wrong at the service.",
};

export type Strings = typeof english;

const german: Strings = {
  heading: "Die Artikel fragen",
  welcome: "Stellen Sie eine Frage. Die Antwort steht wörtlich in einem Artikel, und Sie sehen, wo.",
  label: "Ihre Frage",
  placeholder: "Wer, wann, wie viele …",
  send: "Fragen",
  stop: "Anhalten",
  clear: "Gespräch löschen",
  log: "Gespräch",
  asked: "Ihre Frage:",
  asking: "Antwort wird gesucht …",
  understood: "Verstanden als: {0}",
  literally: "Wörtlich fragen",
  sure: "{0} sicher",
  said: "sagt {0}",
  none: "Das beantwortet hier kein Artikel.",
  guess: "Das Nächstliegende, es kann falsch sein",
  more: "Auch gefunden",
  near: "Das Nächste in den Artikeln",
  source: "Quelle {0}: {1}",
  page: "Seite {0}",
  open: "Artikel öffnen",
  copy: "Mit Quelle kopieren",
  copied: "Kopiert",
  uncopied: "Kopieren ist hier nicht erlaubt",
  close: "Schließen",
  retry: "Noch einmal",
  stopped: "Angehalten.",
  offline: "Der Dienst ist nicht erreichbar. Sind Sie online?",
  busy: "Der Dienst ist ausgelastet. Versuchen Sie es gleich noch einmal.",
  refused: "Diese Frage kann der Dienst nicht annehmen.",
  failed: "Beim Dienst ist etwas schiefgegangen.",
};

const french: Strings = {
  heading: "Interroger les articles",
  welcome: "Posez une question. La réponse reprend les mots exacts d’un article et montre où ils se trouvent.",
  label: "Votre question",
  placeholder: "Qui, quand, combien…",
  send: "Demander",
  stop: "Arrêter",
  clear: "Effacer la conversation",
  log: "Conversation",
  asked: "Vous avez demandé :",
  asking: "Recherche d’une réponse…",
  understood: "Compris comme : {0}",
  literally: "Demander tel quel",
  sure: "sûr à {0}",
  said: "selon {0}",
  none: "Aucun article n’y répond ici.",
  guess: "Le plus proche, peut-être faux",
  more: "Trouvé aussi",
  near: "Le plus proche dans les articles",
  source: "Source {0} : {1}",
  page: "page {0}",
  open: "Ouvrir l’article",
  copy: "Copier avec la source",
  copied: "Copié",
  uncopied: "La copie n’est pas permise ici",
  close: "Fermer",
  retry: "Réessayer",
  stopped: "Arrêté.",
  offline: "Le service est injoignable. Êtes-vous en ligne ?",
  busy: "Le service est occupé. Réessayez dans un instant.",
  refused: "Le service ne peut pas prendre cette question.",
  failed: "Un problème est survenu du côté du service.",
};

const spanish: Strings = {
  heading: "Pregunte a los artículos",
  welcome: "Haga una pregunta. La respuesta son las palabras exactas de un artículo y muestra dónde están.",
  label: "Su pregunta",
  placeholder: "Quién, cuándo, cuántos…",
  send: "Preguntar",
  stop: "Detener",
  clear: "Borrar la conversación",
  log: "Conversación",
  asked: "Su pregunta:",
  asking: "Buscando una respuesta…",
  understood: "Entendido como: {0}",
  literally: "Preguntar tal cual",
  sure: "{0} seguro",
  said: "según {0}",
  none: "Ningún artículo responde a eso.",
  guess: "Lo más cercano, puede ser erróneo",
  more: "También se encontró",
  near: "Lo más cercano en los artículos",
  source: "Fuente {0}: {1}",
  page: "página {0}",
  open: "Abrir el artículo",
  copy: "Copiar con la fuente",
  copied: "Copiado",
  uncopied: "Aquí no se permite copiar",
  close: "Cerrar",
  retry: "Reintentar",
  stopped: "Detenido.",
  offline: "No se puede acceder al servicio. ¿Tiene conexión?",
  busy: "El servicio está ocupado. Inténtelo de nuevo en un momento.",
  refused: "El servicio no puede aceptar esta pregunta.",
  failed: "Algo salió mal en el servicio.",
};

const arabic: Strings = {
  heading: "اسأل المقالات",
  welcome: "اطرح سؤالًا. الجواب هو كلمات المقال نفسها، مع بيان موضعها.",
  label: "سؤالك",
  placeholder: "من، متى، كم…",
  send: "اسأل",
  stop: "إيقاف",
  clear: "مسح المحادثة",
  log: "المحادثة",
  asked: "سؤالك:",
  asking: "جارٍ البحث عن جواب…",
  understood: "فُهم السؤال هكذا: {0}",
  literally: "اسأل كما كُتب",
  sure: "الثقة {0}",
  said: "القائل: {0}",
  none: "لا يوجد هنا مقال يجيب عن ذلك.",
  guess: "أقرب ما وُجد، وقد يكون خاطئًا",
  more: "وُجد أيضًا",
  near: "الأقرب في المقالات",
  source: "المصدر {0}: {1}",
  page: "صفحة {0}",
  open: "افتح المقال",
  copy: "انسخ مع المصدر",
  copied: "تم النسخ",
  uncopied: "النسخ غير مسموح هنا",
  close: "إغلاق",
  retry: "أعد المحاولة",
  stopped: "توقف البحث.",
  offline: "تعذر الوصول إلى الخدمة. هل أنت متصل بالإنترنت؟",
  busy: "الخدمة مشغولة. حاول مرة أخرى بعد قليل.",
  refused: "لا تستطيع الخدمة قبول هذا السؤال.",
  failed: "حدث خطأ في الخدمة.",
};

const languages: Record<string, Strings> = { en: english, de: german, fr: french, es: spanish, ar: arabic };

const rightToLeft = /^(ar|arc|ckb|dv|fa|he|ks|ps|sd|ug|ur|yi)\b/i;

/** The first of `wanted` that there are words for, as it was written; English if none. */
export function choose(wanted: readonly string[]): string {
  return wanted.find((tag) => base(tag) in languages) ?? "en";
}

export function stringsOf(language: string): Strings {
  return languages[base(language)] ?? english;
}

export function directionOf(language: string): "rtl" | "ltr" {
  return rightToLeft.test(language) ? "rtl" : "ltr";
}

export function fill(text: string, ...values: string[]): string {
  return text.replace(/\{(\d)\}/g, (_, at: string) => values[Number(at)] ?? "");
}

function base(tag: string): string {
  return tag.toLowerCase().split("-")[0] ?? "";
}
