-- purpose: the most frequent value of every column that has few
-- parameters: none
-- one row is: a column
select
    c.column_name,
    t.value,
    t.n_rows,
    round(100 * t.fraction, 1) as percent
from columns as c
inner join top_values as t using (column_name)
where t.rank = 1
order by c.position;
