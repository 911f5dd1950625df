"""The nodes of one program, each made once.

A node is known by what it computes and by the nodes that it reads, so that rules which ask the same share it. Operands
of different frames are first lifted to the innermost one.

Example: `value > 5000 USD` in ten rules is one node. In `any p in parties: p.country == destination` the destination, a
fact of the export, is lifted to the frame of the parties, where each party has that of its export.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from comity.backends.batch.columns import key_of
from comity.backends.batch.nodes import Both, Constant, Distinct, Fact, Frame, Lifted, Node, Opposite


class Unsupported(Exception):
    """No columns can be computed for a term; rows that need it are decided by the interpreter."""


class Graph:
    """``root``: the frame of the table's rows, in which constants are."""

    def __init__(self, root: Frame) -> None:
        self.root = root
        self.fields: dict[int, list[Fact]] = {}
        """The facts that are read of a record, by its identity."""
        self._nodes: dict[object, Node] = {}

    def nodes(self) -> list[Node]:
        """Each node once."""
        return list({id(node): node for node in self._nodes.values()}.values())

    def adopt(self, base: Fact, name: str, fact: Fact) -> None:
        """Take ``fact`` for the field of a record."""
        self._nodes[Fact, id(base), name] = fact
        self.fields.setdefault(id(base), []).append(fact)

    def node(self, key: tuple[object, ...], make: Callable[[], Node]) -> Node:
        """The node known by ``key``, which names other nodes by identity."""
        found = self._nodes.get(key)
        if found is None:
            found = self._nodes[key] = make()
        return found

    def fact(self, base: Fact, name: str) -> Fact:
        key = (Fact, id(base), name)
        found = self._nodes.get(key)
        if found is None:
            found = self._nodes[key] = Fact(base.frame, base, name)
            self.fields.setdefault(id(base), []).append(found)
        assert isinstance(found, Fact)
        return found

    def constant(self, value: object, truth: bool, frame: Frame | None = None) -> Node:
        place = frame or self.root
        return self.node((Constant, key_of(value), truth, id(place)), lambda: Constant(place, value, truth))

    def lifted(self, node: Node, frame: Frame) -> Node:
        """The node's value for the elements of a frame within its own."""
        if node.frame is frame:
            return node
        if isinstance(node, Constant):
            return self.constant(node.value, node.truth, frame)
        if frame.around is None:
            raise Unsupported
        below = self.lifted(node, frame.around)
        return self.node((Lifted, id(below), id(frame)), lambda: Lifted(frame, below))

    def together(self, nodes: Sequence[Node]) -> tuple[Frame, list[Node]]:
        """The innermost frame of the nodes, and their values there."""
        frame = max((node.frame for node in nodes), key=_depth, default=self.root)
        return frame, [self.lifted(node, frame) for node in nodes]

    def both(self, *operands: Node | None) -> Node:
        return self.joined(Both, [each for each in operands if each is not None])

    def joined(self, kind: type[Both], operands: Sequence[Node]) -> Node:
        frame, given = self.together(list(dict.fromkeys(operands)))
        if len(given) == 1:
            return given[0]
        return self.node((kind, *map(id, given)), lambda: kind(frame, given))

    def opposite(self, operand: Node) -> Node:
        return self.node((Opposite, id(operand)), lambda: Opposite(operand.frame, operand))

    def distinct(
        self,
        what: tuple[object, ...],
        inputs: Sequence[Node],
        function: Callable[[tuple[Any, ...]], object],
        truth: bool,
    ) -> Distinct:
        """``what`` tells the function from others of the same inputs."""
        frame, given = self.together(inputs)
        found = self.node((Distinct, truth, *what, *map(id, given)), lambda: Distinct(frame, given, function, truth))
        assert isinstance(found, Distinct)
        return found


def _depth(frame: Frame) -> int:
    return 0 if frame.around is None else 1 + _depth(frame.around)
