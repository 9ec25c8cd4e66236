-- purpose: result table near_duplicates
-- parameters: none
-- one row is: a text that is nearly a more frequent one of its column
create table main.near_duplicates (
    column_name varchar not null,  -- column
    canonical varchar not null,  -- the most frequent spelling
    n_canonical bigint not null,  -- its rows
    value varchar not null,  -- the rarer spelling
    n_rows bigint not null,  -- its rows
    differs_by varchar not null,  -- writing (case, spaces, marks, accents) or letter (one typo)
    fix_hint varchar not null,  -- what would mend it
    evidence_sql varchar not null  -- query that counts both
);
