"""The skill records of a cohort as one tidy table: a row for each observation, a column for each variable.

Made once; app/reports/writing.py writes it in each format. Headings are fixed, for programs too, and every column says
what it holds in both languages: the dictionary that goes with each file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.accounts.models import Cohort
from app.competencies.estimation import METHOD_VERSION
from app.content.schemas import Competency
from app.core.privacy import SMALLEST_EXACT_GROUP, SMALLEST_GROUP
from app.reports.queries import Group, Record
from app.reports.tidy import Column, Content, Package, Row, TidyTable

OF_COHORT = (
    Column("cohort_id", "whole", "", "number of the cohort", "گروپ کا نمبر"),
    Column("cohort", "text", "", "name of the cohort", "گروپ کا نام"),
)
OF_COMPETENCY = (
    Column("competency", "text", "", "code of the competency in the framework", "فریم ورک میں صلاحیت کا کوڈ"),
    Column("competency_title", "text", "", "its title in English", "اس کا عنوان انگریزی میں"),
)
OF_METHOD = (
    Column("method", "text", "", "version of the method of estimation", "تخمینے کے طریقے کا نسخہ"),
    Column(
        "computed_at", "moment", "UTC", "moment that the figures were computed for", "وہ لمحہ جس کے لیے اعداد نکالے گئے"
    ),
)
RECORDS = (
    *OF_COHORT,
    Column("trainee_id", "whole", "", "number of the trainee", "زیرِ تربیت افسر کا نمبر"),
    Column("trainee", "text", "", "name of the trainee", "زیرِ تربیت افسر کا نام"),
    Column(
        "department",
        "text",
        "",
        "department of the present posting; empty if unknown",
        "موجودہ تعیناتی کا محکمہ؛ معلوم نہ ہو تو خالی",
    ),
    Column("grade", "whole", "BPS", "grade of the present posting", "موجودہ تعیناتی کا گریڈ"),
    Column("enrolled_at", "moment", "UTC", "when the trainee joined the cohort", "گروپ میں شامل ہونے کا وقت"),
    *OF_COMPETENCY,
    Column(
        "estimate",
        "number",
        "share",
        "estimated share of such tasks that would be mastered; empty without evidence, not zero; empty, with the other "
        "figures of its row, also while it rests on a mark that the reader sees after the second marking",
        "ایسے کاموں کا تخمینی حصہ جو بخوبی ہو سکیں؛ ثبوت نہ ہو تو خالی، صفر نہیں؛ سطر کے باقی اعداد سمیت تب بھی خالی "
        "جب یہ ایسے نمبروں پر قائم ہو جو پڑھنے والا دوسری جانچ کے بعد دیکھتا ہے",
    ),
    Column("low", "number", "share", "lower end of the 80% credible interval", "80 فیصد حد کا نچلا سرا"),
    Column("high", "number", "share", "upper end of the 80% credible interval", "80 فیصد حد کا اوپری سرا"),
    Column(
        "level",
        "whole",
        "1 to 4",
        "level that is reached; empty for not yet known",
        "حاصل شدہ درجہ؛ ابھی معلوم نہ ہو تو خالی",
    ),
    Column("pieces", "whole", "", "pieces of evidence in force", "رائج ثبوتوں کی تعداد"),
    *OF_METHOD,
)
GROUPS = (
    *OF_COHORT,
    *OF_COMPETENCY,
    Column("trainees", "whole", "", "trainees with evidence", "ثبوت والے زیرِ تربیت افسران"),
    Column(
        "state",
        "text",
        "",
        f"exact: of {SMALLEST_EXACT_GROUP} people and more; band: of {SMALLEST_GROUP} and more; withheld",
        "exact: پورا عدد؛ band: دس پوائنٹ کی پٹی؛ withheld: ظاہر نہیں کیا گیا",
    ),
    Column(
        "mean_low",
        "number",
        "share",
        "mean of the estimates, or the lower end of its band",
        "تخمینوں کا اوسط، یا اس کی پٹی کا نچلا سرا",
    ),
    Column(
        "mean_high",
        "number",
        "share",
        "mean of the estimates, or the upper end of its band",
        "تخمینوں کا اوسط، یا اس کی پٹی کا اوپری سرا",
    ),
    Column(
        "interval_low",
        "number",
        "share",
        "lower end of the 95% interval of the mean (Student's t)",
        "اوسط کے 95 فیصد حد کا نچلا سرا",
    ),
    Column(
        "interval_high",
        "number",
        "share",
        "upper end of the 95% interval of the mean",
        "اوسط کے 95 فیصد حد کا اوپری سرا",
    ),
    Column(
        "spread_low",
        "number",
        "share",
        "standard deviation of the estimates, or the lower end of its band",
        "تخمینوں کا معیاری انحراف، یا اس کی پٹی کا نچلا سرا",
    ),
    Column(
        "spread_high",
        "number",
        "share",
        "standard deviation of the estimates, or the upper end of its band",
        "تخمینوں کا معیاری انحراف، یا اس کی پٹی کا اوپری سرا",
    ),
    Column(
        "median_level",
        "whole",
        "1 to 4",
        "level that half of them have reached; empty for not yet known",
        "وہ درجہ جس تک آدھے پہنچ چکے؛ ابھی معلوم نہ ہو تو خالی",
    ),
    Column("pieces", "whole", "", "pieces of evidence in force", "رائج ثبوتوں کی تعداد"),
    *OF_METHOD,
)
# Exact figures are given to whole per cent, as everywhere.
SHARE_DECIMALS, RECORD_DECIMALS = 2, 6


def records_table(
    cohort: Cohort, found: Sequence[Record], competencies: Mapping[str, Competency], moment: datetime
) -> TidyTable:
    """A row for each trainee and competency."""
    return TidyTable("records", RECORDS, tuple(_record(cohort, each, competencies, moment) for each in found))


def groups_table(
    cohort: Cohort, found: Sequence[tuple[str, Group]], competencies: Mapping[str, Competency], moment: datetime
) -> TidyTable:
    """A row for each competency, as exactly as the rule on groups allows."""
    rows = [
        (cohort.id, cohort.name, code, competencies[code].title.en, group.trainees, *_figures(group), *_method(moment))
        for code, group in found
    ]
    return TidyTable("groups", GROUPS, tuple(rows))


def package(content: Content, tables: Sequence[TidyTable], cohort: Cohort, academy: str, moment: datetime) -> Package:
    """These tables with what a reader has to know of them, the one that was asked for first."""
    ordered = sorted(tables, key=lambda table: table.name != content)
    about = (
        ("academy", academy),
        ("cohort", cohort.name),
        ("cohort_id", str(cohort.id)),
        ("module", cohort.module_id),
        ("content", content),
        ("method", METHOD_VERSION),
        ("computed_at", moment.isoformat()),
        (
            "rule_on_groups",
            f"Figures of fewer than {SMALLEST_GROUP} people are withheld, and those of a cohort that differs from "
            f"another by fewer than {SMALLEST_GROUP}; of {SMALLEST_GROUP} to {SMALLEST_EXACT_GROUP - 1} shares are "
            "given in bands of ten points.",
        ),
        ("use", "Levels serve learning only. They may not decide posting, promotion or discipline."),
    )
    return Package(tuple(ordered), about)


def _record(cohort: Cohort, found: Record, competencies: Mapping[str, Competency], moment: datetime) -> Row:
    standing = found.standing
    figures: Row = (None, None, None, None, 0)
    if found.is_hidden:
        figures = (None, None, None, None, None)
    elif standing is not None:
        shares = (round(share, RECORD_DECIMALS) for share in (standing.mean, standing.low, standing.high))
        figures = (*shares, standing.level, standing.pieces)
    return (
        *(cohort.id, cohort.name, found.trainee.id, found.trainee.full_name),
        *(found.department, found.grade, found.enrolled_at, found.code, competencies[found.code].title.en),
        *figures,
        *_method(moment),
    )


def _figures(group: Group) -> Row:
    found = group.figures
    if found is None:
        return ("withheld", *[None] * 8)
    interval = group.interval or (None, None)
    shares = (found.mean.low, found.mean.high, *interval, found.spread.low, found.spread.high)
    rounded = [None if share is None else round(share, SHARE_DECIMALS) for share in shares]
    return ("exact" if found.mean.is_exact else "band", *rounded, found.median_level, found.pieces)


def _method(moment: datetime) -> Row:
    return METHOD_VERSION, moment
