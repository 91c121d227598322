"""Finds scenario folders, checks their ``scenario.toml`` and loads them once."""

import hashlib
import importlib
import json
import math
import tomllib
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast, get_args

from simulations import scenarios
from simulations.admissible import split_of
from simulations.engine import Model
from simulations.texts import Texts, read_texts
from simulations.types import (
    Field,
    FieldKind,
    InquiryKind,
    Kpi,
    Language,
    ReferenceSummary,
    ScenarioError,
    SumRule,
    UnknownScenario,
    Value,
)

SCENARIOS = Path(__file__).parent / "scenarios"
_RUN_KEYS = ("rounds", "office_minutes")
_TOP_KEYS = ("id", "version", "run", "competencies", "fields", "sum_rules", "kpis", "inquiries", "parameters")


@dataclass(frozen=True)
class Scenario:
    """One loaded scenario: its form, indicators, inquiries, texts and model.

    ``digest`` is the SHA-256 of version and parameters: a stored run belongs to one digest. ``kpis`` are
    shown while playing, ``truth_kpis`` only in the debrief.
    """

    id: str
    version: str
    digest: str
    rounds: int
    office_minutes: int
    fields: tuple[Field, ...]
    sum_rules: tuple[SumRule, ...]
    kpis: tuple[Kpi, ...]
    truth_kpis: tuple[Kpi, ...]
    inquiries: tuple[InquiryKind, ...]
    competencies: Mapping[str, tuple[str, ...]]
    model: Model
    folder: Path

    def __hash__(self) -> int:
        return hash((self.id, self.digest))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scenario) and (self.id, self.digest) == (other.id, other.digest)

    @property
    def default_values(self) -> dict[str, Value]:
        """The form as first shown."""
        return {field.id: field.default for field in self.fields}

    def inquiry(self, inquiry_id: str) -> InquiryKind:
        """The inquiry of this id; raises KeyError."""
        return {kind.id: kind for kind in self.inquiries}[inquiry_id]

    def texts(self, language: Language) -> Texts:
        """All texts in English or Urdu."""
        return _texts(self.folder, language)

    @property
    def reference(self) -> ReferenceSummary:
        """Average reference losses published with the scenario (``reference.json``)."""
        return _reference(self.folder, self.digest)


@cache
def _texts(folder: Path, language: Language) -> Texts:
    return Texts(language, read_texts(folder / f"texts.{language}.md"))


@cache
def _reference(folder: Path, digest: str) -> ReferenceSummary:
    path = folder / "reference.json"
    if not path.is_file():
        raise ScenarioError(f"{folder.name}/reference.json is missing; run “python -m simulations evaluate --write”.")
    summary = ReferenceSummary(**json.loads(path.read_text(encoding="utf-8")))
    if summary.digest != digest:
        raise ScenarioError(
            f"{folder.name}/reference.json belongs to other parameters; run “python -m simulations evaluate "
            f"{folder.name} --write”."
        )
    return summary


class _Table:
    """A TOML table that answers with clear errors: file, key, fault, what is allowed."""

    def __init__(self, path: str, content: object) -> None:
        if not isinstance(content, dict):
            raise ScenarioError(f"{path}: must be a table.")
        self.path = path
        self.content = cast(dict[str, Any], content)

    def take(self, key: str, kind: type[Any] | tuple[type[Any], ...], allowed: Sequence[str] | None = None) -> Any:
        """The value of a required key, checked for type and allowed values."""
        if key not in self.content:
            raise ScenarioError(f"{self.path}: key “{key}” is missing.")
        value = self.content[key]
        names = " or ".join(k.__name__ for k in (kind if isinstance(kind, tuple) else (kind,)))
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ScenarioError(f"{self.path}: key “{key}” is {value!r}; it must be of type {names}.")
        if allowed is not None and value not in allowed:
            raise ScenarioError(f"{self.path}: key “{key}” is {value!r}; allowed are {', '.join(allowed)}.")
        return value

    def only(self, *keys: str) -> None:
        """Refuse keys nobody reads."""
        for key in self.content:
            if key not in keys:
                raise ScenarioError(f"{self.path}: key “{key}” is unknown; allowed are {', '.join(keys)}.")

    def tables(self, key: str) -> list["_Table"]:
        """A required array of tables."""
        rows = self.take(key, list)
        return [_Table(f"{self.path}: {key}[{number}]", row) for number, row in enumerate(rows)]


def _strings(table: _Table, key: str) -> tuple[str, ...]:
    values = table.take(key, list)
    if not all(isinstance(value, str) for value in values):
        raise ScenarioError(f"{table.path}: key “{key}” must be a list of strings.")
    return tuple(values)


def _field(table: _Table) -> Field:
    kind: FieldKind = table.take("kind", str, get_args(FieldKind))
    common = ("id", "kind", "group", "unit", "default", "source")
    unit, group, field_id = table.take("unit", str), table.take("group", str), table.take("id", str)
    if kind == "choice":
        table.only(*common, "choices")
        choices = _strings(table, "choices")
        return Field(field_id, kind, unit, 0, 0, 0, table.take("default", str, choices), choices, group)
    table.only(*common, "minimum", "maximum", "step")
    minimum, maximum, step, default = (table.take(k, (int, float)) for k in ("minimum", "maximum", "step", "default"))
    if not minimum <= default <= maximum or step <= 0:
        raise ScenarioError(f"{table.path}: needs minimum <= default <= maximum and step > 0.")
    if kind == "integer" and not all(isinstance(number, int) for number in (minimum, maximum, step, default)):
        raise ScenarioError(f"{table.path}: minimum, maximum, step and default of an integer must be whole.")
    if kind == "share" and (unit != "share" or minimum < 0 or maximum > 1):
        raise ScenarioError(f"{table.path}: a share has the unit “share” and bounds within 0 and 1, not “{unit}”.")
    return Field(field_id, kind, unit, minimum, maximum, step, default, (), group)


def _inquiry(table: _Table) -> InquiryKind:
    table.only("id", "minutes", "minutes_per_unit", "unit", "source", "argument")
    argument = None
    if "argument" in table.content:
        inner = _Table(f"{table.path}: argument", table.content["argument"])
        inner.only("minimum", "maximum", "step", "default", "unit", "source")
        low, high, step, default = (inner.take(k, int) for k in ("minimum", "maximum", "step", "default"))
        argument = Field("argument", "integer", inner.take("unit", str), low, high, step, default, (), "inquiry")
    minutes, per_unit = table.take("minutes", int), table.take("minutes_per_unit", int)
    return InquiryKind(table.take("id", str), minutes, argument, per_unit)


def _kpi(table: _Table) -> tuple[Kpi, bool]:
    table.only("id", "unit", "better", "decimals", "shown", "source")
    better = table.take("better", str, ("lower", "higher"))
    kpi = Kpi(table.take("id", str), table.take("unit", str), better, table.take("decimals", int))
    return kpi, table.take("shown", str, ("play", "debrief")) == "play"


def _sum_rule(table: _Table, fields: tuple[Field, ...]) -> SumRule:
    table.only("fields", "total", "unit", "source")
    rule = SumRule(_strings(table, "fields"), table.take("total", (int, float)), table.take("unit", str))
    known = {field.id: field for field in fields if field.kind != "choice"}
    for key in rule.field_ids:
        if key not in known:
            raise ScenarioError(f"{table.path}: field “{key}” is unknown; allowed are {', '.join(known)}.")
        if known[key].unit != rule.unit:
            raise ScenarioError(f"{table.path}: unit is “{rule.unit}”, but field “{key}” has “{known[key].unit}”.")
    if not math.isclose(math.fsum(float(known[key].default) for key in rule.field_ids), rule.total):
        raise ScenarioError(f"{table.path}: the defaults of the fields must add up to {rule.total}.")
    split_of(fields, rule)
    return rule


def _sum_rules(scenario: _Table, fields: tuple[Field, ...]) -> tuple[SumRule, ...]:
    rules = tuple(_sum_rule(row, fields) for row in scenario.tables("sum_rules"))
    _unique(scenario.path, "a sum rule's field", [key for rule in rules for key in rule.field_ids])
    return rules


def _parameters(scenario: _Table) -> dict[str, object]:
    table = _Table(f"{scenario.path}: parameters", scenario.take("parameters", dict))
    values: dict[str, object] = {}
    for key, content in table.content.items():
        row = _Table(f"{table.path}.{key}", content)
        row.only("value", "unit", "source")
        row.take("unit", str)
        row.take("source", str)
        values[key] = row.take("value", (int, float, list, str))
    return values


def _overridden(parameters: dict[str, object], overrides: Mapping[str, object]) -> dict[str, object]:
    for key in overrides:
        if key not in parameters:
            raise ScenarioError(f"scenario.toml: parameter “{key}” is unknown; it cannot be overridden.")
    return parameters | dict(overrides)


def _run_lengths(scenario: _Table) -> tuple[int, int]:
    run = _Table(f"{scenario.path}: run", scenario.take("run", dict))
    run.only(*_RUN_KEYS)
    rounds, minutes = (_Table(f"{run.path}.{key}", run.take(key, dict)).take("value", int) for key in _RUN_KEYS)
    return rounds, minutes


def _unique(path: str, what: str, ids: Sequence[str]) -> None:
    for key in ids:
        if ids.count(key) > 1:
            raise ScenarioError(f"{path}: {what} “{key}” stands twice; ids must differ.")


def numbers_without_source(content: object, path: str = "scenario.toml", sourced: bool = False) -> list[str]:
    """Paths of numbers whose table states no unit or no source."""
    if isinstance(content, dict):
        here = sourced or bool(content.get("unit") and content.get("source"))
        return [f for k, v in content.items() for f in numbers_without_source(v, f"{path}: {k}", here)]
    if isinstance(content, list):
        return [f for number, v in enumerate(content) for f in numbers_without_source(v, f"{path}[{number}]", sourced)]
    is_number = isinstance(content, int | float) and not isinstance(content, bool)
    return [path] if is_number and not sourced else []


def read_toml(folder: Path) -> dict[str, Any]:
    """The raw ``scenario.toml`` of a folder; raises ScenarioError with the line of a syntax fault."""
    try:
        return tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{folder.name}/scenario.toml: {error}") from error


def place_of(error: Exception) -> str:
    """An exception in one line: type, message, and the file and line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{place}"


def _build_model(name: str, parameters: Mapping[str, object], rounds: int) -> Model:
    try:
        module = importlib.import_module(f"simulations.scenarios.{name}.model")
        return cast(Model, module.build(parameters, rounds))
    except Exception as error:
        raise ScenarioError(f"{name}/model.py cannot be built: {place_of(error)}.") from error


def read_scenario(folder: Path, overrides: Mapping[str, object] | None = None) -> Scenario:
    """Check a scenario folder and build it; ``overrides`` replace parameter values (tests, tailoring)."""
    content = read_toml(folder)
    table = _Table(f"{folder.name}/scenario.toml", content)
    table.only(*_TOP_KEYS)
    if missing := numbers_without_source(content, table.path):
        raise ScenarioError(f"{missing[0]}: a number needs “unit” and “source” in its table.")
    fields = tuple(_field(row) for row in table.tables("fields"))
    kpis = [_kpi(row) for row in table.tables("kpis")]
    inquiries = tuple(_inquiry(row) for row in table.tables("inquiries"))
    for what, ids in (("field", fields), ("kpi", [k for k, _ in kpis]), ("inquiry", inquiries)):
        _unique(table.path, what, [item.id for item in ids])
    parameters = _overridden(_parameters(table), overrides or {})
    rounds, minutes = _run_lengths(table)
    competencies = _Table(f"{table.path}: competencies", table.take("competencies", dict))
    return Scenario(
        id=table.take("id", str, (folder.name,)),
        version=table.take("version", str),
        digest=_digest(content, parameters),
        rounds=rounds,
        office_minutes=minutes,
        fields=fields,
        sum_rules=_sum_rules(table, fields),
        kpis=tuple(kpi for kpi, shown in kpis if shown),
        truth_kpis=tuple(kpi for kpi, shown in kpis if not shown),
        inquiries=inquiries,
        competencies={key: _strings(competencies, key) for key in competencies.content},
        model=_build_model(folder.name, parameters, rounds),
        folder=folder,
    )


def _digest(content: Mapping[str, Any], parameters: Mapping[str, object]) -> str:
    parts = {key: content[key] for key in ("id", "version", "run", "fields", "sum_rules", "inquiries")}
    text = json.dumps(parts | {"parameters": parameters}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def scenario_folders() -> tuple[Path, ...]:
    """Where scenario folders are looked for: the package's own place, then those added."""
    return tuple(Path(place) for place in scenarios.__path__)


def add_scenarios(folder: Path) -> None:
    """Look for scenario folders there too, as if they lay in ``simulations/scenarios``."""
    place = str(folder.resolve())
    if place not in scenarios.__path__:
        scenarios.__path__.append(place)
        importlib.invalidate_caches()


def scenario_ids() -> tuple[str, ...]:
    """Ids of all scenarios on disk, sorted."""
    return tuple(sorted({path.parent.name for place in scenario_folders() for path in place.glob("*/scenario.toml")}))


def require_known(scenario_id: str) -> None:
    """Raises UnknownScenario where no folder bears this id."""
    if scenario_id not in scenario_ids():
        raise UnknownScenario(f"There is no scenario “{scenario_id}”; known are {', '.join(scenario_ids())}.")


@cache
def load(scenario_id: str) -> Scenario:
    """Load a scenario once. Raises UnknownScenario, or ScenarioError when its folder is malformed."""
    require_known(scenario_id)
    places = [place / scenario_id for place in scenario_folders()]
    return read_scenario(next(place for place in places if (place / "scenario.toml").is_file()))
