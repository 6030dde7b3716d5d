-- top-n: the newest records
SELECT eid, epoch_us(created_at) AS created_us FROM users ORDER BY created_at DESC, eid LIMIT 100
