"""What the commonest errors in labs mean and what to try, in one sentence each.

The browser matches them against the exception of a cell (lab/bridge), so that nothing leaves it and no link is needed;
the page of results matches them against what a test said that could not run, as the check before submitting does
(static/js/check.js), and the page of feedback against each error below a cell. Messages are those of Python 3.12 and
pandas 2.2, which run in the browser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from markupsafe import Markup

QUOTED = re.compile(r"(\{\w+\}|`[^`]+`)")


@dataclass(frozen=True)
class Explanation:
    """One sentence for one sort of error.

    names: exceptions that it is for; empty for any.  says: a JavaScript expression that the message must match.
    through: text that the traceback must hold.  In the sentence stand as code: what is between `marks`, {error}, the
    exception's name, and what the named groups of `says` found.
    """

    names: tuple[str, ...]
    sentence: LazyString
    says: str = ""
    through: str = ""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """`says` as Python writes it."""
        return re.compile(self.says.replace("(?<", "(?P<"), re.DOTALL)


# The first that matches is shown.
EXPLANATIONS: Sequence[Explanation] = (
    # Names and imports
    Explanation(
        ("NameError",),
        _l("The library {name} is not loaded yet: run the first code cell of the notebook, then this cell again."),
        r"^name '(?<name>pd|np|plt|pandas|numpy|matplotlib|simulations)' is not defined",
    ),
    Explanation(
        ("NameError",),
        _l(
            "Python does not know {name} yet: run the cells above from the top, and compare the spelling, capitals too."
        ),
        r"^name '(?<name>[^']+)' is not defined",
    ),
    Explanation(
        ("UnboundLocalError",),
        _l("{name} is used in the function before it has a value there: give it one first, or make it an argument."),
        r"variable '(?<name>[^']+)'",
    ),
    Explanation(
        ("ModuleNotFoundError",),
        _l("There is no library called {name} here: compare the spelling; the lab's first cell imports all it needs."),
        r"No module named '(?<name>[^']+)'",
    ),
    Explanation(
        ("ModuleNotFoundError", "ImportError"),
        _l("The library has no part called {name}: compare the spelling, capitals too."),
        r"cannot import name '(?<name>[^']+)'",
    ),
    # How a line is written
    Explanation(
        ("SyntaxError",),
        _l(
            "In a text with `f` before it every `{` needs its `}`, and between them stands neither the quotation mark "
            "around the text nor `\\` or `#`: write the other mark there, as in `f\"{row['a']}\"`."
        ),
        r"^f-string(?:: expecting '\}'|: unmatched|: unterminated|: the quotation mark| expression part)",
    ),
    Explanation(
        ("SyntaxError",),
        _l(
            "The academy's Python cannot read `type` before a name, nor square brackets after the name of a function "
            "or class: write `Days = int`, and leave the brackets out."
        ),
        r"^type (?:statement|parameters) \(the academy",
    ),
    Explanation(
        ("SyntaxError",),
        _l("Something was begun and not ended: look for a bracket without its partner, or a block without lines."),
        r"was never closed|incomplete input|unexpected EOF",
    ),
    Explanation(
        ("SyntaxError",),
        _l("The bracket {name} closes nothing, or closes one of another kind: count the brackets in this line."),
        r"(?:unmatched|closing parenthesis) '(?<name>[)\]}])'",
    ),
    Explanation(
        ("SyntaxError",),
        _l("A text was opened with a quotation mark and never closed: put the same mark at its end."),
        r"unterminated .*string literal",
    ),
    Explanation(
        ("SyntaxError",),
        _l(
            "The sign {name} is not one that Python reads, though it looks right: switch the keyboard to English for "
            "quotation marks, commas, brackets and figures."
        ),
        r"invalid (?:non-printable )?character '?(?<name>[^' ]+)",
    ),
    Explanation(
        ("SyntaxError",),
        _l("The left side of `=` must be a name or a column; this one cannot be given a value."),
        r"cannot assign to (?:literal|True|False|None|f-string)",
    ),
    Explanation(
        ("SyntaxError",),
        _l("One equals sign gives a value, two compare: write `==` to ask whether two things are equal."),
        r"Maybe you meant '=='",
    ),
    Explanation(
        ("SyntaxError",),
        _l("Between two of the values something is missing, mostly a comma."),
        r"Perhaps you forgot a comma",
    ),
    Explanation(
        ("SyntaxError",),
        _l("A line that begins a block (`if`, `for`, `def`, `else`) ends with a colon: add it."),
        r"expected ':'",
    ),
    Explanation(
        ("SyntaxError",),
        _l("`print` is written with brackets: `print(…)`."),
        r"Missing parentheses in call to 'print'",
    ),
    Explanation(
        ("SyntaxError",),
        _l("Python cannot read this line: look just before the mark `^` for a missing sign, bracket or operator."),
    ),
    Explanation(
        ("IndentationError",),
        _l("The line after the colon must begin with four spaces, since it belongs to the block."),
        r"expected an indented block",
    ),
    Explanation(
        ("IndentationError", "TabError"),
        _l("The spaces at the beginning of this line do not fit the lines around it: lines of one block begin alike."),
    ),
    # Columns and rows
    Explanation(
        ("KeyError",),
        _l("The table lacks some of these columns: {name}; `table.columns` shows the right names."),
        r"^(?=.*(?:not in index|are in the (?:\[columns\]|columns)|are not present in the DataFrame)).*?"
        r"(?<name>\[(?:'[^']*'|\"[^\"]*\"|[^\[\]'\"])*\])",
    ),
    Explanation(
        ("KeyError",),
        _l(
            "There is nothing called {name} to leave out: `drop(columns=…)` takes out a column, `drop(…)` a row by its "
            "label."
        ),
        r"(?<name>\[.+\]) not found in axis",
    ),
    Explanation(
        ("KeyError",),
        _l("The table has no column called {name}: `table.columns` shows them all; capitals and spaces count."),
        r"^['\"]?Column(?:\(s\)|s? not found:) (?<name>.+?)(?: do not exist)?['\"]?$",
    ),
    Explanation(
        ("KeyError",),
        _l("The table has no column or row called {name}: `table.columns` shows the names; capitals and spaces count."),
        r"^(?:\"None of \[\w*Index\()?(?<name>.+?)(?:, dtype='[^']+'.*\)\] are in the \[index\]\")?$",
        "pandas",
    ),
    Explanation(
        ("KeyError",),
        _l("There is no entry {name} in this dictionary: its `keys()` shows those that there are."),
        r"^(?<name>.+)$",
    ),
    Explanation(
        ("UndefinedVariableError",),
        _l(
            "In `query` the table has no column called {name}: compare with `table.columns`; your own names begin with "
            "`@`."
        ),
        r"'(?<name>[^']+)' is not defined",
    ),
    Explanation(
        ("AttributeError",),
        _l("There is no calculation called {name}: there are `mean`, `sum`, `count`, `median`, `min`, `max` and more."),
        r"'(?<name>[^']+)' is not a valid function for",
    ),
    Explanation(
        ("AttributeError",),
        _l("The table has neither a column nor a command called {name}: compare the spelling with `table.columns`."),
        r"'DataFrame' object has no attribute '(?<name>[^']+)'",
    ),
    Explanation(
        ("AttributeError",),
        _l("One column has no command called {name}: compare the spelling, or ask whether the whole table was meant."),
        r"'(?:Series|SeriesGroupBy|DataFrameGroupBy|Index)' object has no attribute '(?<name>[^']+)'",
    ),
    Explanation(
        ("AttributeError", "TypeError"),
        _l(
            "The value here is `None`, that is nothing: often the line above changed something in place, or a function "
            "gives nothing back."
        ),
        r"'?NoneType'? object|unsupported operand .*'NoneType'",
    ),
    Explanation(
        ("AttributeError",),
        _l(
            "Commands after `.str` are for columns of text; this one holds something else: `astype(str)` makes it text."
        ),
        r"Can only use \.str accessor",
    ),
    Explanation(
        ("AttributeError",),
        _l("Commands after `.dt` are for dates; turn the column into dates first with `pd.to_datetime(…)`."),
        r"Can only use \.dt accessor",
    ),
    Explanation(
        ("AttributeError",),
        _l("The library {module} has no command called {name}: compare the spelling."),
        r"module '(?<module>[^']+)' has no attribute '(?<name>[^']+)'",
    ),
    Explanation(
        ("AttributeError",),
        _l("A value of the kind {kind} has no command called {name}: `print(type(…))` shows what it is."),
        r"'(?<kind>[^']+)' object has no attribute '(?<name>[^']+)'",
    ),
    Explanation(
        ("IndexError", "IndexingError"),
        _l("There are fewer rows or entries than that: counting begins at 0, so the last is `len(…) - 1`."),
        r"out of (?:range|bounds)|out-of-bounds",
    ),
    # Numbers, text and what fits together
    Explanation(
        ("TypeError",),
        _l(
            'Put each condition in brackets of its own, as in `table[(table.a > 1) & (table.b == "x")]`: without them '
            "Python reads `&` and `|` first."
        ),
        r"Cannot perform '(?:rand_|and_|ror_|or_)'|unsupported operand type\(s\) for [&|]:",
    ),
    Explanation(
        ("TypeError",),
        _l("A command stands where its result is meant: put brackets behind it, as in `table.days.mean()`."),
        r"(?:unsupported operand|not supported between instances) .*'(?:method|function|builtin_function_or_method)'",
    ),
    Explanation(
        ("TypeError",),
        _l(
            "Two texts cannot be subtracted or divided: turn both into numbers, `float(…)`, or columns with "
            "`pd.to_numeric(…)`."
        ),
        r"unsupported operand type\(s\) for .+: 'str' and 'str'",
    ),
    Explanation(
        ("TypeError",),
        _l(
            "Text and number do not go together: turn the number into text, `str(…)`, or the text into one, `float(…)`."
        ),
        r"can only concatenate str|unsupported operand .*'str'|must be str, not",
    ),
    Explanation(
        ("TypeError",),
        _l("Python cannot reckon with {first} and {second} together: turn one of them into the kind of the other."),
        r"unsupported operand type\(s\) for .+: '(?<first>[^']+)' and '(?<second>[^']+)'",
    ),
    Explanation(
        ("TypeError",),
        _l("Text cannot be compared with a number: `pd.to_numeric(…)` turns a column of text into numbers."),
        r"instances of (?:'str' and '(?:int|float)|'(?:int|float)\d*' and 'str)",
    ),
    Explanation(
        ("TypeError",),
        _l(
            "{first} and {second} cannot be compared: turn one into the kind of the other, or leave empty values out "
            "with `dropna()`."
        ),
        r"not supported between instances of '(?<first>[^']+)' and '(?<second>[^']+)'",
    ),
    Explanation(
        ("TypeError",),
        _l("Brackets after it would call it, but it is no function: choose a column with `[ ]`, or drop the brackets."),
        r"object is not callable",
    ),
    Explanation(
        ("TypeError",),
        _l("Commands take round brackets: write `( )` and not `[ ]`."),
        r"'(?:method|function|builtin_function_or_method|type)' object is not subscriptable",
    ),
    Explanation(
        ("TypeError",),
        _l("Nothing can be picked out of a value of the kind {name} with `[ ]`: `print(type(…))` shows what it is."),
        r"'(?<name>[^']+)' object is not subscriptable",
    ),
    Explanation(
        ("TypeError",),
        _l("What stands before `[ ]` is counted from 0 and has no names: it is a list or a text, no table."),
        r"(?:list|tuple|string) indices must be integers",
    ),
    Explanation(
        ("TypeError",),
        _l("The call lacks what it needs: {name}. Put it between the brackets."),
        r"missing \d+ required (?:positional|keyword-only) arguments?: (?<name>.+)$",
    ),
    Explanation(
        ("TypeError", "AttributeError"),
        _l("The command has no option called {name}: compare the spelling."),
        r"unexpected keyword argument '?(?<name>\w+)",
    ),
    Explanation(
        ("TypeError",),
        _l("The call has more between its brackets than the command takes: compare with its description, `help(…)`."),
        r"takes .+ positional arguments? but",
    ),
    Explanation(
        ("TypeError",),
        _l("A sum or mean needs numbers, and a column holds text: choose the columns, or use `numeric_only=True`."),
        r"agg function failed|(?:[Cc]ould not|Cannot) convert .+ to numeric|does not support (?:reduction|operation) '",
    ),
    Explanation(
        ("TypeError",),
        _l(
            "There are no numbers to draw: choose columns of numbers, or turn text into numbers with "
            "`pd.to_numeric(…)`."
        ),
        r"no numeric data to plot",
    ),
    Explanation(
        ("TypeError",),
        _l("One value cannot be gone through like a list: put it in `[ ]`, or use `range(…)` to count."),
        r"object is not iterable",
    ),
    Explanation(
        ("ValueError",),
        _l(
            "A condition on a column gives many answers, not one: join conditions with `&` or `|`, each in "
            "brackets, or "
            "ask with `any()` or `all()`."
        ),
        r"truth value of an? .*is ambiguous|truth value of an array",
    ),
    Explanation(
        ("ValueError",),
        _l(
            "The condition has empty values, as `str.contains(…)` gives where a text is missing: `na=False` in it, or "
            "`fillna(False)` behind it, makes them count as no."
        ),
        r"Cannot mask with non-boolean array containing NA",
    ),
    Explanation(
        ("ValueError", "IndexingError"),
        _l("What is compared, or is a condition, must have the same rows as the table: take both from the same table."),
        r"identically-labeled|Unalignable boolean|Item wrong length|boolean index did not match",
    ),
    Explanation(
        ("ValueError",),
        _l("There is nothing to put together: the list between the brackets is empty; look at what should fill it."),
        r"No objects to concatenate",
    ),
    Explanation(
        ("ValueError", "IntCastingNaNError"),
        _l(
            "Empty values cannot become whole numbers: fill them with `fillna(…)` or leave them out with "
            "`dropna()` first."
        ),
        r"convert (?:non-finite|float NaN)|NA or inf",
    ),
    Explanation(
        ("ValueError",),
        _l("The text {name} is a number, but no whole one: `float(…)` reads it."),
        r"invalid literal for int\(\) with base 10: (?<name>['\"]\s*[+-]?(?:\d+\.\d*|\.\d+)\s*['\"])",
    ),
    Explanation(
        ("ValueError",),
        _l('The text {name} is no number: look for letters, commas or spaces in it; `errors="coerce"` makes it empty.'),
        r"(?:could not convert string to float: |invalid literal for int\(\) with base 10: |Unable to parse string )"
        r"(?<name>['\"].*?['\"])",
    ),
    Explanation(
        ("ValueError", "DateParseError", "ParserError", "OutOfBoundsDatetime"),
        _l(
            "Not every value is a date of that form: name it with `format=…`, or make the others empty, "
            '`errors="coerce"`.'
        ),
        r"time data|[Uu]nknown datetime string format|doesn't match format|day is out of range|month must be"
        r"|not likely a datetime|Invalid date specified",
    ),
    Explanation(
        ("ValueError",),
        _l("What goes into the column must have as many values as the table has rows."),
        r"Length of values|must (?:all )?be (?:of )?the same length",
    ),
    Explanation(
        ("ValueError",),
        _l("There must be as many names as there are columns or rows: `table.shape` says how many these are."),
        r"Length mismatch",
    ),
    Explanation(
        ("ValueError",),
        _l("What is drawn along the two axes must be equally long: compare both with `len(…)`."),
        r"same first dimension|^shape mismatch: objects cannot be broadcast",
    ),
    Explanation(
        ("ValueError",),
        _l(
            "The two columns to be joined are of different kinds, as text and number: make them alike with `astype(…)`."
        ),
        r"trying to merge on",
    ),
    Explanation(
        ("MergeError", "ValueError"),
        _l("The two tables have no column name in common: say which to join by with `left_on=…` and `right_on=…`."),
        r"No common columns",
    ),
    Explanation(
        ("ValueError",),
        _l(
            "A row label or column name is there twice: `reset_index(drop=True)` or `drop_duplicates()` "
            "makes them single."
        ),
        r"duplicate (?:labels|entries|keys)|already exists|is not 1-dimensional",
    ),
    # Files, and the rest
    Explanation(
        ("FileNotFoundError",),
        _l("There is no file called {name}: compare the spelling with the name that the lab's text gives."),
        r"No such file or directory: '(?<name>[^']+)'",
    ),
    Explanation(
        ("EmptyDataError", "ParserError", "UnicodeDecodeError"),
        _l("The file is not a table as `read_csv` expects it: it may be empty, or have another separator or encoding."),
    ),
    Explanation(
        ("ZeroDivisionError",),
        _l("Something is divided by zero: look at what is divided by, and say what should happen when it is zero."),
    ),
    Explanation(
        ("AssertionError",),
        _l("The check in this cell does not agree with the answer above: read its last line, and mend the answer."),
    ),
    Explanation(
        ("NotImplementedError",),
        _l("This cell waits for your answer: put it in the place of the line `raise NotImplementedError()`."),
    ),
    Explanation(
        ("KeyboardInterrupt",),
        _l("The cell was stopped before it had ended; nothing is broken, and it can be run again."),
    ),
    Explanation(
        ("RecursionError",),
        _l("The function calls itself without end: it needs a case in which it answers and does not call itself."),
    ),
    Explanation(
        ("MemoryError",),
        _l("This needs more memory than the browser has: work with fewer rows or columns, and restart the notebook."),
    ),
    Explanation(
        (),
        _l("Python stopped with {error}: the arrow in the lines above shows where, the last line says why."),
    ),
)


def table() -> list[dict[str, object]]:
    """All of them in the reader's language, as the browser takes them."""
    return [
        {"names": each.names, "says": each.says, "through": each.through, "sentence": str(each.sentence)}
        for each in EXPLANATIONS
    ]


def meaning_of(message: str, traceback: str = "") -> Markup | None:
    """One sentence for an error, such as "NameError: name 'x' is not defined".

    traceback: the lines above the message, where the reader sees them; then there is a sentence for every error.
    None where no explanation is for it, or only the traceback would tell which.
    """
    error, _, said = message.partition(": ")
    for each in EXPLANATIONS:
        is_for = error in each.names or bool(traceback and not each.names)
        if not is_for or (found := each.pattern.search(said)) is None:
            continue
        if each.through and not traceback:
            return None
        if each.through in traceback:
            return _with_code(str(each.sentence), {"error": error, **found.groupdict()})
    return None


def _with_code(sentence: str, quoted: Mapping[str, str]) -> Markup:
    code = Markup('<code dir="ltr">{}</code>')
    return Markup("").join(
        code.format(part[1:-1] if part.startswith("`") else quoted[part[1:-1]]) if QUOTED.fullmatch(part) else part
        for part in QUOTED.split(sentence)
    )
