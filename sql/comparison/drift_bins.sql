-- purpose: comparison table drift_bins
-- parameters: none
-- one row is: a bin of a column, counted in A and in B
create table main.drift_bins (
    column_name varchar not null,  -- name in A
    purpose varchar not null,  -- index for psi, jensen_shannon and chi_square; shape for drawing
    bin bigint not null,  -- position, from 1
    label varchar not null,  -- the value or the range
    low double,  -- lower end, open; null for values and below all
    high double,  -- upper end, closed; null for texts and above all
    n_a bigint not null,  -- values of A in it
    n_b bigint not null  -- values of B in it
);
