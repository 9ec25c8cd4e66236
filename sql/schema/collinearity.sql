-- purpose: result table collinearity
-- parameters: none
-- one row is: a measure beside all other measures
create table main.collinearity (
    column_name varchar not null,  -- measure
    cluster_position bigint not null,  -- place in the matrix ordered by cluster, from 1
    vif double,  -- variance inflation factor
    r2 double,  -- share of its variance that the other measures explain (0-1)
    n_columns bigint not null,  -- measures in the matrix
    n_rows bigint not null,  -- rows; the fewest of a pair where columns have gaps
    reason varchar,  -- why figures are missing, or how they were made
    evidence_sql varchar not null  -- query that gives the matrix of correlations
);
