"""The tables of the SQLite file of a snapshot, as it is written and as it has to be to be read."""

TOKENIZER = "porter unicode61"
"""How FTS5 makes words of a text: in small letters, without accents, by their stems."""

TABLES = (
    """CREATE TABLE files (
    row INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, sha256 TEXT, failures TEXT NOT NULL, left_out TEXT NOT NULL,
    notes TEXT NOT NULL)""",
    """CREATE TABLE articles (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, text TEXT NOT NULL, blocks TEXT NOT NULL,
    styles TEXT NOT NULL, recognised TEXT NOT NULL, url TEXT, source TEXT, source_key TEXT, published TEXT,
    language TEXT, media_type TEXT NOT NULL, path TEXT,
    file INTEGER REFERENCES files, copy_of INTEGER REFERENCES articles, witness INTEGER REFERENCES articles)""",
    "CREATE TABLE authors (article INTEGER NOT NULL REFERENCES articles, name TEXT NOT NULL, key TEXT NOT NULL)",
    "CREATE TABLE tags (article INTEGER NOT NULL REFERENCES articles, name TEXT NOT NULL, key TEXT NOT NULL)",
    """CREATE TABLE passages (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, article INTEGER NOT NULL REFERENCES articles,
    start INTEGER NOT NULL, end INTEGER NOT NULL, heading TEXT, page INTEGER, key BLOB NOT NULL)""",
    "CREATE TABLE arrays (name TEXT PRIMARY KEY, data BLOB NOT NULL)",
    """CREATE TABLE words (
    block INTEGER NOT NULL, word TEXT NOT NULL, passages INTEGER NOT NULL, places BLOB NOT NULL, counts BLOB NOT NULL,
    PRIMARY KEY (block, word)) WITHOUT ROWID""",
    "CREATE TABLE lengths (block INTEGER PRIMARY KEY, words BLOB NOT NULL)",
)

PLACES, FILE_PLACES, FINGERPRINTS, SPELLED = "places", "file_places", "fingerprints", "spelled"
"""What the table ``arrays`` keeps of all articles, or files, at once.

The first two have the place in the order of sources of each row (``int32[largest row + 1]``, -1 where there is none);
without them, rows are in that order. Fingerprints are what builds compare articles by.
``spelled`` has nothing in it; where it is there, words are spelled by language (:mod:`index.storage.spelling`).
"""
