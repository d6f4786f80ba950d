"""The mutants of a Python module: each replaces one piece of its text with another.

Annotations stay as they are, except what pydantic reads in them (calls such as `Field(…)`, and `Literal[…]`). So do
docstrings, f-strings, `__slots__`, assertions, and texts with a space, which are sentences for people.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
# For these the comparison above is the negation.
_NEGATED = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
}
# Operators of sets, dictionaries and flags: replaced with one side alone.
_BITWISE = (ast.BitOr, ast.BitAnd)
_OTHER_CALL = {"min": "max", "max": "min", "any": "all", "all": "any"}
# Exchanging their arguments makes no difference, or they are of different types.
_NO_EXCHANGE = {"min", "max", "isinstance", "getattr", "setattr", "zip", "print", "range", "cast"}
_QUERY = {"filter", "exclude", "order_by", "select_related", "usable", "strip", "lower"}
# Each of their arguments is a condition of its own.
_CONDITIONS = {"filter", "exclude", "min", "max", "Q"}
_STRUCTURAL = {"property", "cached_property", "staticmethod", "classmethod", "dataclass", "overload", "setter", "wraps"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Mutant:
    """Replaces `text[start:end]` of the module with `new`.

    `function`: the qualified name of the outermost function that contains the place, or "" for code that runs when the
    module is imported.
    """

    start: int
    end: int
    new: str
    line: int
    function: str
    change: str

    @property
    def key(self) -> str:
        """Identifies the mutant within one text of the module."""
        return f"{self.start}-{self.end}:{self.new}"

    def apply(self, text: str) -> str:
        return text[: self.start] + self.new + text[self.end :]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def mutants_of(text: str) -> list[Mutant]:
    """All mutants of a module that can be compiled, in the order of their lines, each once."""
    finder = _Finder(text)
    finder.visit(ast.parse(text))
    once = {mutant.key: mutant for mutant in finder.found}
    return sorted((one for one in once.values() if _compiles(one.apply(text))), key=lambda one: (one.line, one.start))


def _compiles(text: str) -> bool:
    try:
        compile(text, "mutant", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _name(node: ast.expr) -> str:
    """The last name of a function or decorator."""
    if isinstance(node, ast.Call):
        return _name(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _without(nodes: list[Any], at: int) -> list[Any]:
    return nodes[:at] + nodes[at + 1 :]


class _Finder(ast.NodeVisitor):
    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Mutant] = []
        lines = text.splitlines(keepends=True)
        self._lines = [line.encode() for line in lines]
        self._begins = [0]
        for line in lines:
            self._begins.append(self._begins[-1] + len(line))
        self._scope: list[str] = []
        self._function = ""

    # --- Places ----------------------------------------------------------------------------------

    def _offset(self, line: int, column: int) -> int:
        return self._begins[line - 1] + len(self._lines[line - 1][:column].decode())

    def _span(self, node: Any) -> tuple[int, int]:
        return self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno, node.end_col_offset)

    def _replace(self, node: Any, new: str) -> None:
        start, end = self._span(node)
        old = " ".join(self.text[start:end].split())
        if new != self.text[start:end]:
            change = f"{_short(old)}  ->  {_short(new)}"
            self.found.append(Mutant(start, end, new, node.lineno, self._function, change))

    def _replace_expression(self, node: ast.expr, new: ast.expr) -> None:
        self._replace(node, f"({ast.unparse(new)})")

    def _remove(self, node: ast.stmt) -> None:
        self._replace(node, "pass")

    # --- Scopes ----------------------------------------------------------------------------------

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._scope.append(node.name)
        self._visit_all([*node.keywords, *node.body])
        self._scope.pop()

    def visit_FunctionDef(self, node: Function) -> None:
        for decorator in node.decorator_list:
            if _name(decorator) not in _STRUCTURAL:
                start, end = self._span(decorator)
                at = self.text.rindex("@", 0, start)
                self.found.append(Mutant(at, end, "", decorator.lineno, self._function, f"without {self.text[at:end]}"))
            self.visit(decorator)
        self._visit_all([*node.args.defaults, *(one for one in node.args.kw_defaults if one)])
        for arg in (*node.args.args, *node.args.kwonlyargs):
            self._visit_annotation(arg.annotation)
        outer, self._function = self._function, self._function or ".".join([*self._scope, node.name])
        self._visit_all(node.body)
        self._function = outer

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def _visit_all(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)

    def _visit_annotation(self, annotation: ast.expr | None) -> None:
        for node in ast.walk(annotation) if annotation else ():
            if isinstance(node, ast.Call):
                self.visit(node)
            elif isinstance(node, ast.Subscript) and _name(node.value) == "Literal":
                self.visit(node.slice)

    # --- Statements ------------------------------------------------------------------------------

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant):
            return
        if isinstance(node.value, ast.Call | ast.Await):
            self._remove(node)
        self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        if any(isinstance(target, ast.Name) and target.id == "__slots__" for target in node.targets):
            return
        if isinstance(node.value, ast.BinOp | ast.Subscript) and all(
            not isinstance(part, ast.Constant) and not (isinstance(part, ast.Name) and part.id.isupper())
            for part in ast.walk(node.value)
        ):
            # The name of a type.
            return
        if not self._function.endswith("__init__") and all(
            isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets
        ):
            self._remove(node)
        self._visit_all([*node.targets, node.value])

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._visit_annotation(node.annotation)
        if node.value:
            self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._remove(node)
        if (other := _ARITHMETIC.get(type(node.op))) is not None:
            self._replace(node, ast.unparse(ast.AugAssign(node.target, other(), node.value)))
        self.visit(node.value)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None):
            return
        self._replace(node, "return None")
        self.visit(node.value)

    def visit_Raise(self, node: ast.Raise) -> None:
        self._remove(node)
        self.generic_visit(node)

    def visit_Delete(self, node: ast.Delete) -> None:
        self._remove(node)

    def visit_Break(self, node: ast.Break) -> None:
        self._remove(node)

    def visit_Continue(self, node: ast.Continue) -> None:
        self._remove(node)

    def visit_Assert(self, node: ast.Assert) -> None:
        """Leave assertions out: they inform the type checker."""

    def visit_If(self, node: ast.If) -> None:
        if _name(node.test) == "TYPE_CHECKING":
            return
        self._decide(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._replace_expression(node, node.body)
        self._replace_expression(node, node.orelse)
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self._replace(node.test, "False")
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        self._replace(node.iter, "()")
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for condition in node.ifs:
            self._decide(condition)
        self.generic_visit(node)

    def _decide(self, condition: ast.expr) -> None:
        # A name that the condition assigns is still needed.
        kept = any(isinstance(part, ast.NamedExpr) for part in ast.walk(condition))
        start, end = self._span(condition)
        old = self.text[start:end]
        self._replace(condition, f"(({old}) or True)" if kept else "True")
        self._replace(condition, f"(({old}) and False)" if kept else "False")
        negated_elsewhere = isinstance(condition, ast.UnaryOp) or (
            isinstance(condition, ast.Compare) and len(condition.ops) == 1 and isinstance(condition.ops[0], _NEGATED)
        )
        if not negated_elsewhere:
            self._replace(condition, f"(not ({old}))")

    def visit_match_case(self, node: ast.match_case) -> None:
        if node.guard:
            self._decide(node.guard)
        elif not (isinstance(node.pattern, ast.MatchAs) and node.pattern.pattern is None):
            start, end = self._span(node.pattern)
            change = f"without case {self.text[start:end]}"
            self.found.append(Mutant(end, end, " if False", node.pattern.lineno, self._function, change))
        self._visit_all(node.body)

    # --- Expressions -----------------------------------------------------------------------------

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Leave f-strings out: their parts have no positions before Python 3.12."""

    def visit_Compare(self, node: ast.Compare) -> None:
        for at, operator in enumerate(node.ops):
            if (other := _COMPARISONS.get(type(operator))) is not None:
                ops = [*node.ops[:at], other(), *node.ops[at + 1 :]]
                self._replace_expression(node, ast.Compare(node.left, ops, node.comparators))
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        self._replace_expression(node, ast.BoolOp(other, node.values))
        for at in range(len(node.values)):
            rest = _without(node.values, at)
            self._replace_expression(node, rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest))
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not | ast.USub):
            self._replace_expression(node, node.operand)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, _BITWISE):
            self._replace_expression(node, node.left)
            self._replace_expression(node, node.right)
        elif (other := _ARITHMETIC.get(type(node.op))) is not None:
            self._replace_expression(node, ast.BinOp(node.left, other(), node.right))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self._replace(node, repr(not value))
        elif isinstance(value, int):
            self._replace(node, repr(value + 1))
        elif isinstance(value, float):
            self._replace(node, repr(2 * value or 1.0))
        elif isinstance(value, str) and not any(char.isspace() for char in value):
            self._replace(node, repr(f"X{value}"))

    def visit_List(self, node: ast.List) -> None:
        self._drop_elements(node)
        self.generic_visit(node)

    def visit_Set(self, node: ast.Set) -> None:
        self._drop_elements(node)
        self.generic_visit(node)

    def _drop_elements(self, node: ast.List | ast.Set | ast.Tuple) -> None:
        if isinstance(getattr(node, "ctx", None), ast.Store) or len(node.elts) < 2:
            return
        for at in range(len(node.elts)):
            self._replace(node, ast.unparse(type(node)(_without(node.elts, at))))

    def visit_Dict(self, node: ast.Dict) -> None:
        for at in range(len(node.keys)):
            self._replace(node, ast.unparse(ast.Dict(_without(node.keys, at), _without(node.values, at))))
        self.generic_visit(node)

    def visit_Slice(self, node: ast.Slice) -> None:
        for bound in ("lower", "upper", "step"):
            if getattr(node, bound) is not None:
                kept = [None if name == bound else getattr(node, name) for name in ("lower", "upper", "step")]
                self._replace(node, ast.unparse(ast.Slice(*kept)))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        for new in self._other_calls(node):
            self._replace_expression(node, new)
        for argument in node.args:
            if isinstance(argument, ast.Tuple):
                self._drop_elements(argument)
        self.generic_visit(node)

    def _other_calls(self, node: ast.Call) -> Iterator[ast.expr]:
        name = _name(node.func)
        if isinstance(node.func, ast.Name) and name in _OTHER_CALL:
            yield ast.Call(ast.Name(_OTHER_CALL[name], ast.Load()), node.args, node.keywords)
        if name == "sorted" and node.args:
            yield ast.Call(ast.Name("list", ast.Load()), node.args[:1], [])
        # Leave out one call of a chain: the order, or the condition.
        if isinstance(node.func, ast.Attribute) and (isinstance(node.func.value, ast.Call) or name in _QUERY):
            yield node.func.value
        for at, keyword in enumerate(node.keywords):
            if keyword.arg:
                yield ast.Call(node.func, node.args, _without(node.keywords, at))
        if name in _CONDITIONS and len(node.args) + len(node.keywords) > 1:
            for at in range(len(node.args)):
                yield ast.Call(node.func, _without(node.args, at), node.keywords)
        if name not in _NO_EXCHANGE:
            for at, (one, other) in enumerate(pairwise(node.args)):
                if not isinstance(one, ast.Constant | ast.Starred) and not isinstance(
                    other, ast.Constant | ast.Starred
                ):
                    exchanged = [*node.args[:at], other, one, *node.args[at + 2 :]]
                    yield ast.Call(node.func, exchanged, node.keywords)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:60]} … {line[-35:]}"
