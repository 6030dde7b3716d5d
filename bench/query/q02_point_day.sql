-- point: one record whose day is known
SELECT eid, name, address.street AS street FROM users WHERE created_at_day = :day AND "documentNumber" = :document ORDER BY eid
