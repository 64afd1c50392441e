"""Compound files (MS-CFB), and what old office programs keep in them: workbooks (MS-XLS) and messages (MS-OXMSG)."""

import struct
from collections.abc import Sequence
from datetime import UTC, datetime

Folder = dict[str, "bytes | Folder"]

_SECTOR, _SMALL, _CUTOFF = 512, 64, 4096
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def compound_file(content: Folder) -> bytes:
    """A compound file of streams and storages; each stream is shorter than 4 kB, or longer."""
    entries: list[list[object]] = [["Root Entry", 5, _FREE, _FREE, _FREE, 0, b""]]
    _enter(content, 0, entries)
    small, small_chain, large = b"", [], []
    for entry in entries:
        data = entry[6]
        assert isinstance(data, bytes)
        if entry[1] == 2 and len(data) < _CUTOFF:
            entry[5] = len(small_chain) if data else _END
            sectors = -(-len(data) // _SMALL)
            small_chain += [*range(len(small_chain) + 1, len(small_chain) + sectors), _END][:sectors]
            small += data.ljust(sectors * _SMALL, b"\0")
        elif entry[1] == 2:
            large.append(entry)
    entries[0][6] = small
    directory = len(entries)
    pieces: list[tuple[list[object] | None, bytes]] = [
        (entry, entry[6]) for entry in large if isinstance(entry[6], bytes)
    ]
    pieces += [(entries[0], small), (None, struct.pack(f"<{len(small_chain)}I", *small_chain))]
    body, chain = b"", []
    starts = []
    for _, data in [*pieces, (None, b"\0" * 128 * directory)]:
        sectors = max(1, -(-len(data) // _SECTOR))
        starts.append(len(chain))
        chain += [*range(len(chain) + 1, len(chain) + sectors), _END]
        fill = b"\xff" if data is pieces[-1][1] else b"\0"
        body += data.ljust(sectors * _SECTOR, fill)
    for (entry, _), start in zip(pieces, starts, strict=False):
        if entry is not None:
            entry[5] = start
    table = b"".join(map(_entry, entries)).ljust(-(-128 * directory // _SECTOR) * _SECTOR, b"\0")
    body = body[: starts[-1] * _SECTOR] + table
    tables = -(-(len(chain) + 1) // (_SECTOR // 4 - 1))
    fat_at = list(range(len(chain), len(chain) + tables))
    fat = [*chain, *[_FAT] * tables]
    fat += [_FREE] * (tables * _SECTOR // 4 - len(fat))
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
        0, tables, starts[-1], 0, _CUTOFF, starts[-2], -(-len(small_chain) * 4 // _SECTOR), _END, 0, fat_at[0],
    )  # fmt: skip
    header += struct.pack(f"<{len(fat_at) - 1}I", *fat_at[1:])
    return header.ljust(_SECTOR, b"\xff") + body + struct.pack(f"<{len(fat)}I", *fat)


def _enter(content: Folder, above: int, entries: list[list[object]]) -> None:
    before = None
    for name, inner in content.items():
        number = len(entries)
        kind, data = (1, b"") if isinstance(inner, dict) else (2, inner)
        entries.append([name, kind, _FREE, _FREE, _FREE, 0, data])
        if before is None:
            entries[above][4] = number
        else:
            entries[before][3] = number
        before = number
        if isinstance(inner, dict):
            _enter(inner, number, entries)


def _entry(entry: Sequence[object]) -> bytes:
    name, kind, left, right, child, start, data = entry
    assert isinstance(name, str)
    assert isinstance(data, bytes)
    written = name.encode("utf-16-le")
    size = len(data) if kind != 1 else 0
    return struct.pack(
        "<64sHBBIII36xIQ", written, len(written) + 2, kind, 1, left, right, child, start, size
    )  # fmt: skip


def old_workbook(sheets: dict[str, Sequence[Sequence[str | tuple[float, int]]]], hidden: Sequence[str] = ()) -> bytes:
    """An Excel 97 workbook; a cell is a text, or a number with that of its format."""
    forms = sorted({cell[1] for rows in sheets.values() for row in rows for cell in row if isinstance(cell, tuple)})
    font = struct.pack("<HHHHHBBBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0, 5, 0) + b"Arial"
    head = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 6)) + _record(0x42, struct.pack("<H", 1200))
    head += _record(0x31, font) * 4
    for form in [0, *forms]:
        head += _record(0xE0, struct.pack("<HHHBBBBIIH", 0, form, 0, 0, 0, 0, 0, 0, 0, 0))
    bodies = []
    for rows in sheets.values():
        body = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 6))
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, tuple):
                    style = 1 + forms.index(cell[1])
                    body += _record(0x203, struct.pack("<HHHd", number, column, style, cell[0]))
                else:
                    text = struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le")
                    body += _record(0x204, struct.pack("<HHH", number, column, 0) + text)
        bodies.append(body + _record(0x0A, b""))
    names = [struct.pack("<BB", len(name), 1) + name.encode("utf-16-le") for name in sheets]
    at = len(head) + sum(4 + 6 + len(name) for name in names) + 4
    for name, written, body in zip(sheets, names, bodies, strict=True):
        head += _record(0x85, struct.pack("<IBB", at, name in hidden, 0) + written)
        at += len(body)
    return compound_file({"Workbook": head + _record(0x0A, b"") + b"".join(bodies)})


def _record(number: int, content: bytes) -> bytes:
    return struct.pack("<HH", number, len(content)) + content


def outlook_message(
    subject: str,
    sender: str,
    sent: datetime,
    body: str,
    files: dict[str, bytes] | None = None,
    messages: Sequence[Folder] = (),
) -> bytes:
    """A message that Outlook saved, with files and messages attached to it."""
    return compound_file(message_storage(subject, sender, sent, body, files, messages, is_within=False))


def message_storage(
    subject: str,
    sender: str,
    sent: datetime,
    body: str,
    files: dict[str, bytes] | None = None,
    messages: Sequence[Folder] = (),
    is_within: bool = True,
) -> Folder:
    """The streams of a message, in a file or within another."""
    ticks = round((sent - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds() * 10**7)
    texts = {0x001A: "IPM.Note", 0x0037: subject, 0x0C1A: sender, 0x0C1F: "ann@mill.example", 0x1000: body}
    found = _properties(texts, {}, {0x0039: (0x40, ticks)}, 24 if is_within else 32)
    for number, (name, data) in enumerate((files or {}).items()):
        found[f"__attach_version1.0_#{number:08X}"] = _properties({0x3707: name}, {0x3701: data}, {0x3705: (3, 1)}, 8)
    for number, inner in enumerate(messages, start=len(files or {})):
        attached = _properties({}, {}, {0x3705: (3, 5)}, 8)
        found[f"__attach_version1.0_#{number:08X}"] = {**attached, "__substg1.0_3701000D": inner}
    return found


def _properties(
    texts: dict[int, str], binaries: dict[int, bytes], numbers: dict[int, tuple[int, int]], header: int
) -> Folder:
    values = {(name, 0x1F): text.encode("utf-16-le") for name, text in texts.items()}
    values |= {(name, 0x102): data for name, data in binaries.items()}
    rows = [
        struct.pack("<HHIII", kind, name, 6, len(data) + 2 * (kind == 0x1F), 0) for (name, kind), data in values.items()
    ]
    rows += [struct.pack("<HHIQ", kind, name, 6, number) for name, (kind, number) in numbers.items()]
    streams: Folder = {f"__substg1.0_{name:04X}{kind:04X}": data for (name, kind), data in values.items()}
    return {**streams, "__properties_version1.0": bytes(header) + b"".join(rows)}
