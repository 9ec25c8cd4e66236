-- purpose: result table dependencies
-- parameters: none
-- one row is: a candidate key, near-key or functional dependency
create table main.dependencies (
    dependency_id varchar not null,  -- identifier
    kind varchar not null,  -- key, near_key or functional
    determinant varchar[] not null,  -- columns that decide
    dependent varchar,  -- column that is decided; null for keys
    n_violations bigint not null,  -- rows that break it
    n_rows bigint not null,  -- rows compared: all for keys, those with all values else
    is_exact boolean not null,  -- proved on all rows
    share double not null,  -- rows that break it (0-1)
    n_expected double,  -- violations that chance would bring to independent columns
    fix_hint varchar,  -- what would mend the most violations
    violations_sql varchar not null,  -- query of the rows that break it
    evidence_sql varchar not null  -- query that counts the violations
);
