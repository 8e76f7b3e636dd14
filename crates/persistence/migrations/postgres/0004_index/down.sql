-- The index tables of the first step are not made again: there is no way back to an older Rushlight.
DROP SEQUENCE generation_number;
DROP TABLE tally, job, generation, pass, built, unit;
