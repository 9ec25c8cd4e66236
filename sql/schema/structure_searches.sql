-- purpose: result table structure_searches
-- parameters: none
-- one row is: how far one kind of structure was searched for
create table main.structure_searches (
    search varchar not null,  -- key, functional, near_duplicates, inclusion or missing
    n_columns bigint not null,  -- columns of usable kinds
    n_candidates bigint not null,  -- sets of columns or pairs that were looked at
    n_refuted bigint not null,  -- refuted by counts or by a sample
    n_tested bigint not null,  -- counted on all rows
    n_found bigint not null,  -- found
    is_complete boolean not null,  -- no limit was met
    reason varchar  -- which limit was met
);
