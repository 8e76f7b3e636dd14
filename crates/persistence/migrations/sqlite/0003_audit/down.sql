DELETE FROM store WHERE key = 'audit-from';
DROP TABLE audit_chain;
DROP TABLE audit;
