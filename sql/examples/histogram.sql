-- purpose: the distribution of one column as bars of text
-- parameters: $column: name of the column
-- one row is: a bin
select
    round(low, 4) as low,
    round(high, 4) as high,
    n_rows,
    bar(n_rows, 0, max(n_rows) over (), 40) as bars
from histograms
where column_name = $column
order by bin;
