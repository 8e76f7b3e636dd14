DROP TABLE version;
DROP TABLE resource;
DROP TABLE store;
