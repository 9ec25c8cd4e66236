"""A condition that was understood and rebuilt means what DuckDB says it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsp.checks.conditions import condition_sql
from dsp.errors import RuleError

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

CONDITIONS = [
    "x::int>5",
    "regexp_matches(s,'^a1')",
    "s like 'a1%'",
    "s ilike 'A1%'",
    "s not like '%9'",
    "d>=date '2020-02-01'",
    "d + interval 3 days > date '2020-03-01'",
    "d + interval '1 month' > '2020-03-01'",
    "x//3=2",
    "x%3=1",
    "list_contains(l,5)",
    "s[1]='a'",
    "s[2:3]='10'",
    "st.f>3",
    "st['f']>3",
    "x is distinct from y",
    "x between 3 and 9",
    "try_cast(s as int) is null",
    "strptime('2020','%Y')<d",
    "json_extract(j,'$.a')::int>5",
    "j->>'$.a'='7'",
    '"odd name">3',
    "q='it''s'",
    "len(s)=3",
    "length(s)>2",
    "year(d)=2020 and month(d) in (2,3)",
    "extract(dow from d)=1",
    "date_diff('day',d,date '2020-03-01')<10",
    "datediff('day',d,date '2020-03-01')<10",
    "date_trunc('month',d)=date '2020-02-01'",
    "x^2>50",
    "x**2>50",
    "x&1=1",
    "not b",
    "b and x>3 or y=2",
    "case when x>3 then y=1 else true end",
    "coalesce(q,'z')='z'",
    "q is null",
    "s ~ 'a[0-9]'",
    "s in ('a1','a2')",
    "(x,y) = (3,3)",
    "x in (1,2,3)",
    "list_filter(l, e -> e>3) = []",
    "list_filter(l, lambda e: e>3) = []",
    "starts_with(s,'a1')",
    "s ^@ 'a1'",
    "s glob 'a1*'",
    "s similar to 'a[0-9]'",
    "round(f,1)=1.0",
    "m>3.5",
    "m = 3.33",
    "f>1e0",
    "x > 1_0",
    "epoch(ts)>1577880000",
    "ts at time zone 'UTC' > '2020-01-02'",
    "strftime(d,'%m')='02'",
    "substring(s,2,1)='1'",
    "substr(s,2)='1'",
    "concat(s,'x')='a1x'",
    "s||'x'='a1x'",
    "isnan(f)",
    "greatest(x,y)=3",
    "abs(x-3)<2",
    "x != 3",
    "x <> 3",
    "x == 3",
    "hash(x)%2=0",
    "md5(s) like 'a%'",
    "typeof(x)='BIGINT'",
    "trim(s)=s",
    "s[-1]='1'",
    "string_split(s,'1')[1]='a'",
    "split_part(s,'1',1)='a'",
    "regexp_extract(s,'(\\d+)',1)='7'",
    "d between '2020-01-05' and '2020-02-01'",
    "ifnull(q,'')=''",
    "if(x>3,true,false)",
    "x is not null is true",
    "b is true",
    "b = true",
    "nullif(x,3) is null",
    "contains(s,'9')",
    "len(l)=2",
    "l[1]=4",
    "array_length(l)=2",
    "ts::date = d",
    "dayofweek(d)=1",
    "weekday(d)=1",
    "isodow(d)=7",
    "d::varchar='2020-02-01'",
    "cast(d as varchar) like '2020-02%'",
    "x>3 -- c",
    "x>3 /* c */ and y>1",
    "printf('%d',x)='3'",
    "format('{}',x)='3'",
    "bit_count(x)=2",
    "levenshtein(s,'a1')=1",
    "jaccard(s,'a1')>0.5",
    "lower(s)=s",
    "s collate nocase = 'A1'",
    "x is not distinct from 3",
    "s = E'a\\x31'",
    "e'a1'=s",
    "date '2020-02-01' <= d",
    "TIMESTAMP '2020-01-02 00:00:00' < ts",
    "interval (x) day > interval 3 day",
    "make_date(2020,2,1)=d",
    "last_day(d)=date '2020-01-31'",
    "age(d, date '2020-01-01') > interval 20 day",
    "x > 3 -- a comment",
    "x > 3 /* a comment */ and y > 1",
]
TABLE = """
    create table t as
    select
        range as x,
        range % 7 as y,
        'a' || range as s,
        date '2020-01-01' + range::int as d,
        timestamp '2020-01-01 10:00' + to_hours(range::int) as ts,
        [range, 1] as l,
        {'f': range} as st,
        (range / 3)::decimal(9, 2) as m,
        range / 7.0 as f,
        case when range % 3 = 0 then 'it''s' end as q,
        '{"a":' || range || '}' as j,
        range as "odd name",
        range % 2 = 0 as b
    from range(200)
"""


def test_conditions_keep_their_meaning(engine: DuckEngine):
    engine.execute(TABLE)

    def counted(condition: str) -> int:
        query = f"select count(*) filter (where {condition}\n) from t"
        return int(engine.rows(query)[0][0])

    changed = [c for c in CONDITIONS if counted(c) != counted(condition_sql(c))]
    assert changed == []


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("x in (select 1)", "holds a query"),
        ("exists (from t)", "holds a query|is not SQL"),
        ("x > all (select 1)", "holds a query"),
        ("count(*) > 1", "is a figure of many rows"),
        ("row_number() over () > 1", "looks at other rows"),
        ("x > $a", "holds a placeholder"),
        ("x > 1 from read_csv('/etc/passwd')", "more than one expression"),
        ("x > 1 where y > 1", "more than one expression"),
        ("x > 1 union all select true", "more than one expression"),
        ("x > 1; attach 'a.db'", "more than one expression"),
        ("x > 1 as y", "more than one expression"),
        ("current_setting('threads') = '1'", "looks outside the table"),
        ("nextval('s') > 1", "looks outside the table"),
        ("uuid()::varchar > s", "is random"),
        ("", "is not SQL|more than one expression"),
        ("x >", "is not SQL"),
        ("(x > 1", "is not SQL"),
        ("'open", "is not SQL"),
    ],
)
def test_conditions_look_at_one_row(condition: str, message: str):
    with pytest.raises(RuleError, match=message):
        condition_sql(condition)
