"""Under a traceback stands what it means, in the reader's language: every explanation is met by a real error."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from app.notebooks import explanations
from tests.lab.page import Lab, code, output_text

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

SETUP = """
import pandas as pd, matplotlib.pyplot as plt
table = pd.DataFrame({"district": ["Swat", "Dir", None], "days": [3, 5, float("nan")], "note": ["a", "b", "c"]})
one = {"a": 1}
nothing = None
"""
# What the sentence must hold -> code that beginners write.
ERRORS = (
    ("library pd is not loaded", "del pd\ntry:\n    pd.DataFrame()\nfinally:\n    import pandas as pd"),
    ("does not know tabel", "tabel.head()"),
    ("count is used in the function", "def up():\n    count += 1\nup()"),
    ("no library called panda ", "import panda"),
    ("no part called DataFrames", "from pandas import DataFrames"),
    ("begun and not ended", "print(table.head()"),
    ("bracket ) closes nothing", "table.head())"),
    ("bracket ] closes nothing", "table.head(]"),
    ("every { needs its }", "print(f'days: {one['a']}')"),
    ("every { needs its }", "print(f'days: {one')"),
    ("neither the quotation mark around", "print(f'{'-'.join(one)}, {chr(10).join([])}')"),
    ("nor \\ or #", "print(f'{\"\\n\".join(one)}')"),
    ("cannot read type", "type Days = int"),
    ("after the name", "def first[T](items):\n    return items[0]"),
    ("text was opened", "name = 'Swat"),
    ("The sign ، is not", "table[['district'، 'days']]"),
    ("The sign “ is not", "table[“district”]"),
    ("One equals sign", "if table.days.sum() = 3:\n    pass"),
    ("left side of =", "5 = x"),
    ("mostly a comma", "table.head(2 3)"),
    ("ends with a colon", "for row in [1, 2]\n    print(row)"),
    ("print(…)", "print 'hello'"),
    ("cannot read this line", "x = = 3"),
    ("begin with four spaces", "if True:\nprint(1)"),
    ("spaces at the beginning", "x = 1\n  y = 2"),
    ("lacks some of these columns", "table[['district', 'year']]"),
    ("lacks some of these columns", "table[['yeer', 'year']]"),
    ("columns: ['yeer']", "table.set_index('yeer')"),
    ("columns: ['yeer', 'year']", "table[['yeer', 'year']]"),
    ("columns: ['yeer']", "table.melt(id_vars='yeer')"),
    ("columns: ['days [n]']", "table[['district', 'days [n]']]"),
    ("nothing called ['yeer'] to leave out", "table.drop('yeer')"),
    ("nothing called ['yeer'] to leave out", "table.drop(columns='yeer')"),
    ("no column or row called [7, 9]", "table.loc[[7, 9]]"),
    ("no column called ['year']", "table.groupby('district').agg({'year': 'mean'})"),
    ("no column called dayz:", "table.groupby('district')['dayz'].mean()"),
    ("no column called 'dayz':", "table.groupby('district')[['dayz', 'days']].mean()"),
    ("no column or row called 'Days'", "table['Days']"),
    ("no entry 'b'", "one['b']"),
    ("no column called yeer", "table.query('yeer > 3')"),
    ("no calculation called meen", "table.groupby('note').agg('meen')"),
    ("no calculation called meen", "table.days.agg('meen')"),
    ("neither a column nor a command called dayss", "table.dayss"),
    ("One column has no command called means", "table['days'].means()"),
    ("value here is None", "nothing.head()"),
    ("value here is None", "nothing['a']"),
    ("value here is None", "nothing + 1"),
    ("after .str", "table['days'].str.upper()"),
    ("after .dt", "table['note'].dt.year"),
    ("library pandas has no command called read_cvs", "pd.read_cvs('x.csv')"),
    ("kind list has no command called add", "[1].add(2)"),
    ("fewer rows", "[1, 2][5]"),
    ("fewer rows", "table.iloc[99]"),
    ("Text and number do not go together", "'days: ' + 3"),
    ("Text and number do not go together", "3 + 'days'"),
    ("brackets behind it", "table.days.mean > 3"),
    ("brackets behind it", "100 * table.days.mean"),
    ("Two texts", "table.note - table.note"),
    ("reckon with list and int", "[1] - 1"),
    ("cannot be compared with a number", "'3' < 4"),
    ("cannot be compared with a number", "table[table.note > 3]"),
    ("list and int cannot be compared", "[1] > 2"),
    ("NoneType and str cannot be compared", "max(table.district)"),
    ("brackets of its own", "table[table.days > 1 & table.note == 'a']"),
    ("brackets of its own", "table[table['note'] == 'a' & table['days'] > 1]"),
    ("brackets of its own", "table[table['note'] == 'a' | table['note'] == 'b']"),
    ("brackets of its own", "table[table['days'] > 1 | table['note'] == 'a']"),
    ("brackets of its own", "table[table.note == 'a' & 3.5 < 4]"),
    ("counted from 0", "[1, 2]['days']"),
    ("counted from 0", "'Swat'['days']"),
    ("it is no function", "table('district')"),
    ("round brackets", "table.head[3]"),
    ("value of the kind int with", "(5)['a']"),
    ("what it needs: 'right'", "pd.merge(table)"),
    ("no option called ascend", "table.sort_values('days', ascend=False)"),
    ("more between its brackets", "table.head(1, 2)"),
    ("sum or mean needs numbers", "table.groupby('days').mean()"),
    ("mean needs numbers", "table.note.mean()"),
    ("mean needs numbers", "table.note.median()"),
    ("no numbers to draw", "table[['note']].plot()"),
    ("gone through like a list", "for n in 5:\n    pass"),
    ("many answers, not one", "if table.days > 3:\n    pass"),
    ("many answers, not one", "table[(table.days > 3) and (table.days < 9)]"),
    ("condition has empty values", "table[table.district.str.contains('S')]"),
    ("same rows as the table", "table.days == pd.Series([1, 2])"),
    ("same rows as the table", "table[pd.Series([True], index=[9])]"),
    ("same rows as the table", "table[[True, False]]"),
    ("nothing to put together", "pd.concat([])"),
    ("cannot become whole numbers", "table.days.astype(int)"),
    ("text 'n.a.' is no number", "float('n.a.')"),
    ("no whole one", "int('3.5')"),
    ("text 'x3.5' is no number", "int('x3.5')"),
    ('text "abc" is no number', "pd.to_numeric(pd.Series(['abc']))"),
    ("a date of that form", "pd.to_datetime(pd.Series(['31/31/2026']), format='%d/%m/%Y')"),
    ("a date of that form", "pd.to_datetime(pd.Series(['yesterday or so']))"),
    ("a date of that form", "pd.to_datetime('31/13/2026')"),
    ("a date of that form", "pd.to_datetime(table.note)"),
    ("as many values", "table['new'] = [1, 2]"),
    ("as many names", "table.columns = ['a']"),
    ("equally long", "plt.plot([1, 2], [1])"),
    ("equally long", "plt.bar(['a', 'b'], [1, 2, 3])"),
    ("as many values", "pd.DataFrame({'a': [1], 'b': [1, 2]})"),
    ("of different kinds", "table.merge(pd.DataFrame({'days': ['x']}), on='days')"),
    ("no column name in common", "table.merge(pd.DataFrame({'k': [1]}))"),
    ("is there twice", "pd.Series([1, 2], index=[0, 0]).reindex([0, 1])"),
    ("is there twice", "table.insert(0, 'days', 1)"),
    ("is there twice", "pd.DataFrame({'a': [1, 1], 'b': [2, 2], 'c': [3, 4]}).pivot(index='a', columns='b')"),
    ("stopped with ValueError", "pd.qcut(pd.Series([1, 1, 1, 1]), 4)"),
    ("no file called grievance.csv", "pd.read_csv('grievance.csv')"),
    ("not a table as read_csv", "open('e.csv', 'w').close()\npd.read_csv('e.csv')"),
    ("divided by zero", "1 / 0"),
    ("does not agree", "assert len(table) == 4, 'the table has four rows'"),
    ("waits for your answer", "raise NotImplementedError()"),
    ("was stopped", "raise KeyboardInterrupt"),
    ("calls itself without end", "def again(n):\n    return again(n + 1)\nagain(0)"),
    ("more memory", "raise MemoryError"),
    ("stopped with StopIteration", "next(iter([]))"),
)


# What each sentence looks like when it is shown.
SENTENCES = [
    re.sub(r"\\\{\w+\\\}", ".+", re.escape(str(each.sentence.replace("`", "")))) for each in explanations.EXPLANATIONS
]
MAKE = f"""
import json
shell, made = get_ipython(), []
for source in json.loads({json.dumps([source for _, source in ERRORS])!r}):
    shell._last_traceback = None
    shell.run_cell(source)
    made.append(shell._last_traceback)
shell._last_traceback = None
"""


def load(lab: Lab, app: Flask, language: str, *cells: dict[str, Any]) -> None:
    with app.test_request_context(), force_locale(language):
        table = explanations.table()
    lab.load(*cells, explanations=table)


def made_by_the_kernel(lab: Lab, app: Flask) -> list[dict[str, Any]]:
    """All errors of ERRORS as outputs, in one go: the kernel gives no more than one per cell."""
    load(lab, app, "en", code(SETUP, "setup"), code(MAKE, "make"), code("print(json.dumps(made))", "show"))
    assert lab.run_all(), lab.cells()
    [output] = lab.cells()[2]["outputs"]
    return [{"output_type": "error", **error} for error in json.loads("".join(output["text"]))]


def test_each_error_is_explained_by_its_own_sentence(lab: Lab, app: Flask) -> None:
    lab.open()
    errors = made_by_the_kernel(lab, app)
    load(lab, app, "en", *({**code("", f"c{number}"), "outputs": [error]} for number, error in enumerate(errors)))
    lab.frame.wait_for_function(
        "most => document.querySelectorAll('.hunar-explanation').length === most", arg=len(errors)
    )
    found = lab.frame.locator(".hunar-explanation").all_inner_texts()
    wrong = [(source, part, text) for (part, source), text in zip(ERRORS, found, strict=True) if part not in text]
    assert not wrong, "\n".join(map(str, wrong))
    unmet = [each for each in SENTENCES if not any(re.fullmatch(each, text) for text in found)]
    assert unmet == []


def test_the_sentence_is_in_urdu_and_what_it_quotes_stays_code(lab: Lab, app: Flask) -> None:
    lab.open()
    load(lab, app, "ur", code(SETUP + "table['<b>Days</b>']"))
    assert not lab.run_all()
    sentence = lab.frame.locator(".hunar-explanation")
    assert "کالم" in sentence.inner_text()
    assert sentence.evaluate("node => getComputedStyle(node).direction") == "rtl"
    assert sentence.locator("code").first.inner_text() == "'<b>Days</b>'"
    assert sentence.locator("b").count() == 0


def test_nothing_of_it_is_in_the_work(lab: Lab, app: Flask) -> None:
    lab.open()
    load(lab, app, "en", code("1 / 0"))
    assert not lab.run_all()
    assert "divided by zero" in lab.frame.locator(".hunar-explanation").inner_text()
    assert [output["output_type"] for output in lab.cells()[0]["outputs"]] == ["error"]
    assert "divided by zero" not in output_text(lab.cells()[0])
