"""Definitions compiled for the fast evaluator: what is asked for, worked out in order, and shared parts only once.

A program is a list of steps over numbered registers. Equal expressions share a register, so that the policy pays once
for `alcohol_signs >= 'mild'`, however many rules say it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from recommender.rules.bounds import Bounds, Inputs, Kernel, any_of, highest_kernel, operation, question_kernel
from recommender.rules.definitions import Asked, Definition, Formula, Highest, in_order
from recommender.rules.tree import Node, Reference


class Step(NamedTuple):
    """One operation: `kernel` applied to the registers `sources` fills the register `target`; `done` are free then."""

    kernel: Kernel
    target: int
    sources: tuple[int, ...]
    done: tuple[int, ...] = ()


@dataclass(slots=True)
class Program:
    """The compiled definitions. `run` gives the bounds of each name in `outputs`.

    `readers` says which registers are filled straight from the answers to a question, `limits` by register the k of a
    comparison that asks whether something reaches k.
    """

    steps: list[Step]
    registers: int
    outputs: dict[str, int]
    questions: dict[str, Asked]
    readers: dict[str, tuple[int, ...]]
    limits: dict[int, int]

    def run(self, inputs: Inputs) -> dict[str, Bounds]:
        """The bounds of every output. `inputs` may leave out questions: those are unanswered for everybody."""
        values: list[Any] = [None] * self.registers
        for step in self.steps:
            values[step.target] = step.kernel(inputs, *[values[source] for source in step.sources])
            for register in step.done:
                values[register] = None
        return {name: values[register] for name, register in self.outputs.items()}

    def around(self, inputs: Inputs) -> Around:
        """The same program, ready to be run again and again with other answers to a few questions."""
        values: list[Any] = [None] * self.registers
        for step in self.steps:
            values[step.target] = step.kernel(inputs, *[values[source] for source in step.sources])
        return Around(self, values)


@dataclass(slots=True)
class Around:
    """A program with everything worked out for given answers; only what hangs on changed ones is worked out again."""

    program: Program
    values: list[Any]

    def steps_behind(self, names: Iterable[str]) -> list[Step]:
        """The steps whose results hang on the answers to `names`."""
        touched = {register for name in names for register in self.program.readers.get(name, ())}
        found = []
        for step in self.program.steps:
            if step.target in touched or not touched.isdisjoint(step.sources):
                touched.add(step.target)
                found.append(step)
        return found

    def run(self, steps: list[Step], inputs: Inputs) -> dict[str, Bounds]:
        """The bounds of every output; `inputs` may differ from the given ones where `steps` look, and nowhere else."""
        values = list(self.values)
        for step in steps:
            values[step.target] = step.kernel(inputs, *[values[source] for source in step.sources])
        return {name: values[register] for name, register in self.program.outputs.items()}


def compile_program(definitions: Mapping[str, Definition], outputs: Iterable[str]) -> Program:
    """The steps that work out `outputs`, and nothing that they do not need."""
    wanted = list(outputs)
    compiler = _Compiler()
    for definition in in_order(definitions, wanted).values():
        compiler.define(definition)
    named = {name: compiler.names[name] for name in wanted}
    steps = _freeing(compiler.steps, set(named.values()))
    return Program(steps, len(compiler.steps), named, compiler.questions, compiler.readers(), compiler.limits())


def _freeing(steps: list[Step], kept: set[int]) -> list[Step]:
    """The same steps, each dropping the registers that no later step reads, so that memory stays in the cache."""
    last: dict[int, int] = {}
    for number, step in enumerate(steps):
        last.update(dict.fromkeys(step.sources, number))
    done: dict[int, list[int]] = {}
    for register, number in last.items():
        if register not in kept:
            done.setdefault(number, []).append(register)
    return [Step(s.kernel, s.target, s.sources, tuple(done.get(n, ()))) for n, s in enumerate(steps)]


class _Compiler:
    """Turns definitions into steps; an operation that was compiled before is not compiled again."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.names: dict[str, int] = {}
        self.questions: dict[str, Asked] = {}
        self.compiled: dict[object, int] = {}

    def define(self, definition: Definition) -> None:
        if isinstance(definition, Asked):
            self.names[definition.name] = self.question(definition)
        elif isinstance(definition, Formula):
            self.names[definition.name] = self.node(definition.node)
        else:
            self.names[definition.name] = self.highest(definition)

    def question(self, question: Asked) -> int:
        self.questions[question.name] = question
        sources = [self.node(node) for node in (question.ask_if, question.computed) if node is not None]
        return self.add(("question", question.name), question_kernel(question), sources)

    def highest(self, definition: Highest) -> int:
        by_value: dict[int, list[int]] = {}
        for rule, value in definition.cases:
            by_value.setdefault(value, []).append(self.names[rule])
        steps = [(value, self.any_of(rules)) for value, rules in sorted(by_value.items()) if value > 0]
        values = tuple(value for value, _ in steps)
        return self.add(("highest", definition.name), highest_kernel(values), [register for _, register in steps])

    def any_of(self, registers: list[int]) -> int:
        return registers[0] if len(registers) == 1 else self.add(("any", *registers), any_of, registers)

    def add(self, key: object, kernel: Kernel, sources: list[int]) -> int:
        if key not in self.compiled:
            target = len(self.steps)
            self.steps.append(Step(kernel, target, tuple(sources)))
            self.compiled[key] = target
        return self.compiled[key]

    def readers(self) -> dict[str, tuple[int, ...]]:
        """By question, the registers that are filled straight from its answers."""
        found: dict[str, tuple[int, ...]] = {}
        for key, register in self.compiled.items():
            match key:
                case ("question" | "answered", str(name)):
                    found[name] = (*found.get(name, ()), register)
        return found

    def limits(self) -> dict[int, int]:
        """By register of a comparison with a number written in the rule, the least value that makes a difference."""
        found: dict[int, int] = {}
        for key, register in self.compiled.items():
            match key:
                case ("limit", ">=" | "<", int(value), _):
                    found[register] = value
                case ("limit", ">" | "<=", int(value), _):
                    found[register] = value + 1
        return found

    def node(self, node: Node) -> int:
        if isinstance(node, Reference):
            return self.names[node.name]
        key, kernel, operands = operation(node)
        sources = [self.node(operand) for operand in operands]
        return self.add((*key, *sources), kernel, sources)
