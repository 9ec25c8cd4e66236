-- purpose: result table cube_cells
-- parameters: none
-- one row is: the rows that share a bucket and a value of every dimension
create table main.cube_cells (
    bucket bigint not null,  -- number of the bucket; -1 for rows without one
    is_cut boolean not null,  -- whether it counts only the part of a bucket that the last, incomplete one is compared with
    d1 bigint,  -- code of the value of dimension 1
    d2 bigint,  -- code of dimension 2
    d3 bigint,  -- code of dimension 3
    d4 bigint,  -- code of dimension 4
    d5 bigint,  -- code of dimension 5
    n_rows bigint not null,  -- rows
    s1 double,  -- sum of measure 1
    n1 bigint,  -- rows with a value of measure 1
    s2 double,  -- sum of measure 2
    n2 bigint,  -- rows with a value of measure 2
    s3 double,  -- sum of measure 3
    n3 bigint,  -- rows with a value of measure 3
    s4 double,  -- sum of measure 4
    n4 bigint,  -- rows with a value of measure 4
    s5 double,  -- sum of measure 5
    n5 bigint  -- rows with a value of measure 5
);
