-- purpose: result table tests
-- parameters: none
-- one row is: a detector that ran, with the tests it made
create table main.tests (
    detector varchar not null,  -- detector; columns_left_out: columns that were passed over
    n_tests bigint not null,  -- tests it ran, those that found nothing included
    n_found bigint not null,  -- findings that hold and that no other one explains
    n_explained bigint not null,  -- findings that hold and that another one explains
    n_set_aside bigint not null,  -- listed tests that came near a finding
    smallest_p double,  -- smallest p value of those that are listed
    smallest_q double,  -- smallest adjusted p value of those that are listed
    n_rows bigint not null  -- rows that the tests read: all, or a random sample
);
