"""How the floors are divided: modules, rooms, arrows and circles between rooms; ``python scripts/structure.py``.

A room is a direct child of a floor, a sub-package or a module; an arrow leads from a room to one that it imports; rooms
that reach each other are in a circle.
"""

import grimp

FLOORS = ("index", "rag", "api")


def describe(floor: str) -> str:
    """The figures of one floor, and its circles by name."""
    graph = grimp.build_graph(floor)
    modules, rooms = len(graph.modules), sorted(graph.find_children(floor))
    for room in rooms:
        graph.squash_module(room)
    imported = {room: graph.find_modules_directly_imported_by(room) & set(rooms) - {room} for room in rooms}
    reached = {room: graph.find_upstream_modules(room) for room in rooms}
    circles = {
        frozenset(other for other in rooms if other in reached[room] and room in reached[other]) | {room}
        for room in rooms
        if any(room in reached[other] for other in imported[room])
    }
    arrows = sum(map(len, imported.values()))
    lines = [f"{floor}: {modules} modules, {len(rooms)} rooms, {arrows} arrows, {len(circles)} circles"]
    return "\n".join(lines + [f"  circle: {', '.join(sorted(circle))}" for circle in circles])


if __name__ == "__main__":
    for name in FLOORS:
        print(describe(name))
