"""Opposites are found in any form of a word, and only where one text has the one and the other the other."""

from rag.english.opposites import negations, opposed


def test_opposites_in_any_form() -> None:
    assert opposed("Premiums are expected to fall.", "He expects premiums to rise.")
    assert opposed("The library closed on Monday.", "It opens on Monday.")
    assert not opposed("Prices rise.", "Prices rise in spring.")
    assert not opposed("Prices rise and fall.", "Prices fall.")


def test_negations_are_counted() -> None:
    assert negations("Nobody was hurt, and it didn’t rain.") == 2
    assert negations("The town denies it.") == 1
    assert negations("A knot in a notebook.") == 0
