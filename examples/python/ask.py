"""The index in a program of one's own, without a service: ``.venv/bin/python examples/python/ask.py [QUESTION...]``."""

import sys

import pullquote

QUESTIONS = ["How many special forces soldiers did Pyongyang send to Vladivostok?", "Who said that?"]

with pullquote.open("var") as index:
    history: list[pullquote.Turn] = []
    for question in sys.argv[1:] or QUESTIONS:
        result = index.ask(question, history=history)
        print(f"> {question}\n\n{result.answers[0].text if result.answers else 'No article answers that.'}\n")
        for citation in (citation for answer in result.answers for citation in answer.citations):
            print(f"“{citation.quote}” {citation.title}, {citation.published} ({index.verify(citation).status})\n")
        answers = " ".join(answer.text for answer in result.answers)
        history += [pullquote.Turn("user", question), pullquote.Turn("assistant", answers or "I don't know.")]
