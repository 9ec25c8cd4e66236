-- purpose: result table dependencies
-- parameters: none
-- one row is: a candidate key, functional dependency or inclusion
create table main.dependencies (
    dependency_id varchar not null,  -- identifier
    kind varchar not null,  -- key, functional or inclusion
    determinant varchar[] not null,  -- columns that decide
    dependent varchar,  -- column that is decided
    n_violations bigint not null,  -- rows that break it
    n_rows bigint not null,  -- rows compared
    is_exact boolean not null,  -- proved on all rows
    evidence_sql varchar not null  -- query that counts the violations
);
