"""The page of all columns, made from the tables: `docs/formats/asterix_columns.md`.

python -c "from luchtwacht.codecs.asterix.reference import page; print(page(), end='')"
"""

from __future__ import annotations

from luchtwacht.codecs.asterix.categories import CATEGORIES
from luchtwacht.codecs.asterix.plan import Column, plan_of
from luchtwacht.codecs.asterix.specification import Category, Kind

_TYPES = {Kind.CODE: "int64", Kind.QUANTITY: "float64", Kind.TEXT: "text", Kind.ICAO: "text", Kind.RAW: "octets"}


def page() -> str:
    """The whole page, in Markdown."""
    head = """# ASTERIX: every column

Made from the tables in `luchtwacht.codecs.asterix`; a test holds it to them. Columns marked *several* are `Ragged`: a
record may hold any number of values. Limits are those of the bits; for times of day, latitudes and longitudes those of
a day and the globe, and a record beyond them is refused.
"""
    return head + "".join(_section(each) for each in CATEGORIES)


def _section(category: Category) -> str:
    lines = [
        f"\n## CAT{category.number:03d}, edition {category.edition}: {category.subject}\n",
        "| column | type | unit | from | to | step | what |",
        "| --- | --- | --- | --: | --: | --: | --- |",
    ]
    lines += [_row(each) for each in plan_of(category).columns.values()]
    return "\n".join(lines) + "\n"


def _row(column: Column) -> str:
    field = column.field
    kind = _TYPES[field.kind] + (", several" if column.ragged else "")
    low, high, step = "", "", ""
    if field.kind is Kind.QUANTITY:
        low, high, step = (f"{value:.7g}" for value in (*(field.plausible or field.limits), field.lsb))
    elif field.kind is Kind.CODE:
        low, high = "0", str((1 << field.bits) - 1)
    elif field.kind in (Kind.TEXT, Kind.ICAO):
        high = f"{field.bits // (8 if field.kind is Kind.TEXT else 6)} characters"
    what = column.item.meaning + (f": {field.meaning}" if field.meaning else "")
    return f"| `{column.name}` | {kind} | {field.unit} | {low} | {high} | {step} | {what} |"
