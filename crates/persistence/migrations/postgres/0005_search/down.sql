DROP INDEX version_first;
