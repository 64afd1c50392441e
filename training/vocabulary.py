"""Lists of words: opposites, question words, words without a subject of their own."""

from __future__ import annotations

_PAIRS = """
first last | largest smallest | biggest smallest | highest lowest | higher lower | larger smaller | greater lesser
most least | more fewer | maximum minimum | oldest youngest | older younger | longest shortest | longer shorter
best worst | better worse | early late | earlier later | earliest latest | before after | north south | east west
northern southern | eastern western | northeast southwest | northwest southeast | northeastern southwestern
male female | men women | man woman | boy girl | boys girls | father mother | son daughter | brother sister
husband wife | king queen | winner loser | won lost | win lose | winning losing | victory defeat | increase decrease
increased decreased | increasing decreasing | rise fall | rose fell | rising falling | gain loss | gained lost
begin end | began ended | beginning ending | start finish | started finished | open close | opened closed
opening closing | enter leave | entered left | arrive depart | arrived departed | buy sell | bought sold | give take
gave took | given taken | support oppose | supported opposed | supporters opponents | accept reject | accepted rejected
approve disapprove | allow forbid | allowed forbidden | permitted prohibited | legal illegal | agree disagree
agreed disagreed | love hate | loved hated | like dislike | liked disliked | friend enemy | friends enemies | ally rival
allies rivals | internal external | inside outside | indoor outdoor | interior exterior | upper lower | top bottom
above below | under over | front back | positive negative | strong weak | stronger weaker | strongest weakest
rich poor | wealthy poor | expensive cheap | hot cold | hottest coldest | warm cool | wet dry | light dark | day night
summer winter | spring autumn | public private | urban rural | foreign domestic | national local | ancient modern
old new | old young | common rare | popular unpopular | successful unsuccessful | famous unknown | safe dangerous
major minor | main secondary | primary secondary | maternal paternal | inner outer | heavy light | fast slow
faster slower | fastest slowest | hard soft | easy difficult | simple complex | true false | right wrong | right left
alive dead | born killed | live die | lived died | create destroy | created destroyed | build demolish
built demolished | construct demolish | constructed demolished | founded dissolved | established abolished | join leave
joined left | attack defend | attacked defended | offensive defensive | advance retreat | advanced retreated
send receive | sent received | import export | imports exports | imported exported | encouraged discouraged
include exclude | included excluded | includes excludes | including excluding | add remove | added removed
raise lower | raised lowered | expand shrink | expanded shrank | strengthen weaken | improve worsen | improved worsened
praised criticized | praise criticism | praised condemned | teacher student | teachers students | employer employee
buyer seller | guest host | majority minority | urban rural | wide narrow | deep shallow | thick thin | full empty
majority minority | odd even | always never | often rarely | permanent temporary | active inactive | natural artificial
direct indirect | liberal conservative | democratic undemocratic | religious secular | civilian military | peace war
success failure | succeeded failed | succeed fail | freedom slavery | hero villain | victim attacker | predator prey
import export | present absent | presence absence | known unknown | likely unlikely | able unable | similar different
same different | visible invisible | voluntary compulsory | optional mandatory | required forbidden
"""


def _table() -> dict[str, str]:
    table: dict[str, str] = {}
    for pair in _PAIRS.replace("\n", " | ").split("|"):
        if pair.strip():
            one, other = pair.split()
            table.setdefault(one, other)
            table.setdefault(other, one)
    return table


#: A word, lower case, to a word of opposite meaning.
OPPOSITES = _table()


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Words that a search leaves out of a question.
STOP = _set(
    "a an the of in on at to for from by with and or is are was were be been did do does has have had what which who "
    "whom whose when where why how that this these those it its as"
)

#: Words that begin a question and are capital for that alone.
QUESTION_WORDS = _set("who whom whose what which when where why how in on at by for from to during after before")

#: Words of four letters and more that carry no subject, so that swapping them does not change what is asked for.
PLAIN = _set(
    "what which whom whose when where does have been were would could should will with from that this these those "
    "they them their there then than into onto about after before during many much more most some other also being "
    "made make used using name named called kind type long often until while among between according year years time "
    "number first last such only both each same known like well part under over along around since through"
)

#: Endings that tell the part of speech, the longer before what they end in.
ENDINGS = tuple("ing tion sion ment ness ity ly ed er or ist ism al ous ive s y".split())  # noqa: SIM905
