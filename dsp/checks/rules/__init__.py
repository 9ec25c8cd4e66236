"""Kinds of rules: one file a kind, found by being there.

A file of this folder with a module-level ``plugin`` is a kind. Nothing else lists it: the
rules file, ``dsp validate --list-rules``, the table in the README and the JSON Schema of
rules files read it from here, and ``tests/contracts/test_rules.py`` runs its example.

* A rule on one row at a time derives from `dsp.checks.kind.RowKind` and gives the SQL
  that is true for a failing row (`failing`) and what should hold in words
  (`expectation`). The SQL must not raise whatever the values; unknown (null) passes.
* A rule on one figure (a sum, a count, a share) derives from `FigureKind` and gives the
  aggregate (`figure`) and when it is wrong (`wrong`).
* A rule that shows between rows (keys, dependencies) returns a `Plan` with `Groups`; see
  ``unique.py``.
* Anything else derives from `Kind` and writes `measures` and `plan` itself. What
  `measures` asks for is computed with the aggregates of all other rules in one scan.
* A rule that compares with another table returns `Reference`s; its relation is then in
  ``asked.subject.references`` under the same name.

Every kind has ``name``, ``title``, ``dimension``, ``n_columns``, ``parameters`` (typed,
documented, and ``short`` where a column's block of a rules file has a key for one),
``nulls`` (what rows without a value do), ``primary`` (the parameter that ``kind = value``
gives there) and ``example``.
"""
