"""Forms of English verbs, as far as questions about the news need them."""

_IRREGULAR = """
be was been|bear bore borne|beat beat beaten|become became become|begin began begun|bet bet bet|bite bit bitten|
blow blew blown|break broke broken|bring brought brought|build built built|burn burnt burnt|burst burst burst|
buy bought bought|cast cast cast|catch caught caught|choose chose chosen|come came come|cost cost cost|cut cut cut|
deal dealt dealt|dig dug dug|do did done|draw drew drawn|drink drank drunk|drive drove driven|eat ate eaten|
fall fell fallen|feed fed fed|feel felt felt|fight fought fought|find found found|flee fled fled|fly flew flown|
forbid forbade forbidden|forget forgot forgotten|forgive forgave forgiven|freeze froze frozen|get got got|
give gave given|go went gone|grow grew grown|hang hung hung|have had had|hear heard heard|hide hid hidden|
hit hit hit|hold held held|hurt hurt hurt|keep kept kept|know knew known|lay laid laid|lead led led|leave left left|
lend lent lent|let let let|lie lay lain|lose lost lost|make made made|mean meant meant|meet met met|
mistake mistook mistaken|pay paid paid|put put put|quit quit quit|read read read|ride rode ridden|ring rang rung|
rise rose risen|run ran run|say said said|see saw seen|seek sought sought|sell sold sold|send sent sent|set set set|
shake shook shaken|shoot shot shot|show showed shown|shrink shrank shrunk|shut shut shut|sing sang sung|
sink sank sunk|sit sat sat|sleep slept slept|speak spoke spoken|spend spent spent|split split split|
spread spread spread|stand stood stood|steal stole stolen|stick stuck stuck|strike struck struck|swear swore sworn|
sweep swept swept|swim swam swum|take took taken|teach taught taught|tear tore torn|tell told told|
think thought thought|throw threw thrown|understand understood understood|wake woke woken|wear wore worn|
win won won|withdraw withdrew withdrawn|write wrote written
"""

_REGULAR = """
abandon abolish accept accuse achieve act add admit advise affect agree aim allow announce answer appeal appear apply
appoint approve argue arrest arrive ask attack attend attract avoid back ban base batter belong blame block borrow
call campaign cancel capture carry cause celebrate chair change charge chase check claim clean close collapse collect
complain complete concede concern confirm confiscate connect consider contain continue contract control count cover
crash create criticise criticize cross damage decide declare decline defeat defend delay deliver demand deny deploy
describe design destroy determine develop die disable discover discuss dismiss dissolve dominate donate drift drop
earn elect employ end enter escape establish estimate examine exceed expect expel explain explode express fail favor
favour fear file fill finance fine finish fire follow force form found fund gain govern grant happen help hire honour
host identify ignore import improve include increase inherit inform injure install invade invent invest investigate
invite issue join jump kill land last launch learn like link live load locate look manage mark marry measure mention
mend miss move murder name need negotiate notice observe offer open operate oppose order organise organize own
participate pass perform pin plan plant play plead plough plow postpone praise predict prefer prepare prevent produce
promise propose protect protest prove provide publish pull punish purchase push question raise reach react rebuild
recall receive recharge recommend reconnect record recover reduce refer refuse reject release rely remain remember
remove repair replace reply report represent request require rescue resign resist respond restore result resume retire
return reveal rob rule save score search serve settle share sign spark sponsor stab start stay stop study suffer
suggest supply support surrender suspect suspend survive talk target threaten tow train translate transport travel
treat trigger try turn use visit vote wait walk want warn wash watch weigh welcome widen withhold witness work worry
yield
"""

_FORMS = [entry.split() for entry in _IRREGULAR.replace("\n", "").split("|")]
_BASE = {past: base for base, past, _ in _FORMS}
_PARTICIPLES = {participle for _, _, participle in _FORMS}
_BASES = {*_REGULAR.split(), *_BASE.values()}


def is_base(word: str) -> bool:
    """Whether a word is the base form of a known verb."""
    return word in _BASES


def is_finite(word: str) -> bool:
    """Whether a word is probably a verb in the past or in the third person."""
    return word in _BASE or word.endswith("ed") or (word.endswith("s") and base(word) in _BASES)


def is_participle(word: str) -> bool:
    """Whether a word is probably a participle."""
    return word in _PARTICIPLES or (len(word) > 4 and word.endswith(("ed", "ing")))


def base(word: str) -> str:
    """The base form of a past form or of the third person; the word itself when it is neither."""
    if word in _BASE:
        return _BASE[word]
    if word.endswith("ed"):
        stem = word[:-2]
        endings = (stem, stem + "e", stem[:-1], stem[:-1] + "y" if stem.endswith("i") else stem)
        soft = stem.endswith(("at", "iz", "is", "v", "uc", "ur", "rg", "ng", "dg", "ut", "ag"))
        return next((form for form in endings if form in _BASES), stem + "e" if soft else stem)
    if word.endswith("s"):
        forms = (word[:-1], word[:-2], word[:-3] + "y")
        return next((form for form in forms if form in _BASES), word)
    return word
