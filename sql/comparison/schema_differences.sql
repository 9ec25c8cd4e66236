-- purpose: comparison table schema_differences
-- parameters: none
-- one row is: a way in which the columns of A and B differ
create table main.schema_differences (
    column_name varchar not null,  -- name of the column in A, or in B where A has none
    change varchar not null,  -- removed, added, renamed, type, nullable or moved
    a varchar,  -- what holds in A: type, nullability, position, or the name
    b varchar,  -- what holds in B
    is_guess boolean not null,  -- whether it is a guess: names alone cannot tell a renamed column
    evidence varchar,  -- what speaks for the guess
    evidence_sql varchar not null  -- query that shows it
);
