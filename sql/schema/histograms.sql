-- purpose: result table histograms
-- parameters: none
-- one row is: a bin of a column
create table main.histograms (
    column_name varchar not null,  -- name in clean.data
    bin bigint not null,  -- order, from 1
    low double not null,  -- lower edge, included
    high double not null,  -- upper edge, included in the last bin only
    n_rows bigint not null,  -- rows in the bin
    profile_sql varchar not null,  -- query that gives the bins again
    kind varchar not null  -- width (equal widths), quantile (tenths of the values) or log (by magnitude)
);
