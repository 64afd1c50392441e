"""Words that say the opposite of one another, and sentences of which one denies what the other says. English only."""

import re
from collections.abc import Collection
from functools import cache

from rag.english.content_words import stem

_PAIRS = """
rise:fall,drop,decline,decrease,sink,shrink increase:decrease,fall,drop,decline,cut,reduce
grow:shrink,fall,decline,drop raise:lower,cut,reduce up:down more:less,fewer most:least,fewest higher:lower
highest:lowest high:low above:below larger:smaller largest:smallest large:small big:small bigger:smaller
longer:shorter long:short longest:shortest later:earlier,sooner late:early last:first latest:earliest newer:older
new:old newest:oldest oldest:youngest older:younger before:after after:before begin:end,stop,finish
start:end,stop,finish open:close,shut opened:closed win:lose beat:lose victory:defeat winner:loser gain:lose,loss
profit:loss success:failure succeed:fail,unsuccessful pass:fail fail:win,succeed accept:reject,refuse,decline,turn
approve:reject,refuse allow:ban,forbid,prohibit,refuse permit:ban,forbid,prohibit legal:illegal admit:deny
confirm:deny acknowledge:deny agree:disagree,refuse support:oppose favour:oppose favor:oppose
welcome:fear,criticise,criticize,oppose praise:criticise,criticize,blame for:against buy:sell lend:borrow
arrive:leave,depart enter:leave come:go join:leave,quit appoint:dismiss,sack hire:fire,dismiss
stay:leave,go,resign,move remain:leave,resign,stop,close keep:lose,drop,abolish,remove add:remove build:demolish
create:destroy,abolish introduce:abolish install:remove alive:dead live:die survive:die,kill born:die
safe:dangerous,unsafe harmless:dangerous,harmful cheap:expensive,dear cheaper:dearer,costlier expensive:cheap
better:worse best:worst good:bad strong:weak stronger:weaker fast:slow faster:slower quick:slow easy:hard,difficult
rich:poor full:empty wet:dry hot:cold warm:cold warmer:colder clean:dirty light:dark heavy:light heavier:lighter
wide:narrow deep:shallow near:far north:south northern:southern east:west eastern:western left:right inside:outside
inner:outer top:bottom upper:lower public:private man:woman men:women male:female boy:girl son:daughter father:mother
brother:sister husband:wife always:never everybody:nobody everyone:nobody,none all:none,no both:neither with:without
many:few unanimous:divided free:paid voluntary:compulsory optional:compulsory,obligatory,mandatory required:optional
guilty:innocent convict:acquit arrest:release remember:forget love:hate friend:enemy peace:war strengthen:weaken
lengthen:shorten expand:shrink,cut widen:narrow improve:worsen,deteriorate borrow:return delay:early advance:retreat
attack:defend include:exclude free:pay,paid,cost,price,charge,buy present:absent presence:absence
married:unmarried,single winter:summer morning:evening,night day:night sunday:weekday withdraw:continue,file
cancel:confirm quiet:loud calm:rough sunny:rain,rainy sunshine:rain rain:sunshine permanent:temporary
majority:minority minimum:maximum complete:incomplete known:unknown clear:unclear likely:unlikely possible:impossible
able:unable happy:unhappy delight:angry angry:delight,pleased pleased:angry healthy:sick,ill employ:dismiss
employed:unemployed import:export save:waste,lose lock:unlock,open obey:disobey,break young:old adult:child
"""
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|nowhere|without|cannot|hardly|unsuccessful\w*|unable|"
    r"(?:den(?:y|ies|ied)|refus\w+|declin(?:e|es|ed)\sto|reject\w*|fail(?:s|ed)?|turned\sdown|held\sback|lack(?:s|ed)?))\b|n['’]t\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")


@cache
def _opposites() -> dict[str, frozenset[str]]:
    pairs: dict[str, set[str]] = {}
    for entry in _PAIRS.split():
        word, _, others = entry.partition(":")
        for other in others.split(","):
            pairs.setdefault(stem(word), set()).add(stem(other))
            pairs.setdefault(stem(other), set()).add(stem(word))
    return {word: frozenset(others) for word, others in pairs.items()}


def opposed(claim: str, said: str) -> list[tuple[str, str]]:
    """Pairs of a word of ``claim`` and its opposite in ``said``, where neither text has both."""
    claimed, there = _stems(claim), _stems(said)
    known = _opposites()
    return [
        (word, other)
        for word in sorted(claimed - there)
        for other in sorted(known.get(word, frozenset()) & there - claimed)
    ]


def negations(text: str, aside: Collection[str] = ()) -> int:
    """How many words of a text deny something.

    :param aside: stems of words that are counted otherwise, as opposites.
    """
    return sum(stem(match[0].lower()) not in aside for match in _NEGATION.finditer(text))


def _stems(text: str) -> set[str]:
    return {stem(word) for word in _WORD.findall(text.lower())}
