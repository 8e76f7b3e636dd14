-- How a version came to be: 0 unknown (written before this step), 1 made by POST, 2 made by PUT (also after a
-- delete), 3 changed by PUT, 4 deleted; 5 is for PATCH.
ALTER TABLE version ADD COLUMN made SMALLINT NOT NULL DEFAULT 0;
