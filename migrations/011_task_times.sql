-- How many ended tasks of each kind there are in each stretch of time (2^20 ms, about 17 minutes), and between which
-- numbers they lie: the total of a list over a range of times is a sum of stretches, and only what the range cuts off
-- the first and the last of them has to be looked at. `time`: 0 created, 1 started, 2 finished.
CREATE TABLE task_times (
  time INTEGER NOT NULL,
  index_uid TEXT NOT NULL,
  type TEXT NOT NULL,
  status TEXT NOT NULL,
  stretch INTEGER NOT NULL,
  n INTEGER NOT NULL,
  lowest INTEGER NOT NULL,
  highest INTEGER NOT NULL,
  PRIMARY KEY (time, index_uid, type, status, stretch)
) WITHOUT ROWID;
CREATE INDEX task_times_empty ON task_times (stretch) WHERE n = 0;

INSERT INTO task_times (time, index_uid, type, status, stretch, n, lowest, highest)
  SELECT 0, coalesce(index_uid, ''), type, status, created_at >> 20, count(*), min(uid), max(uid) FROM tasks
    WHERE status NOT IN ('enqueued', 'processing') GROUP BY 2, 3, 4, 5;
INSERT INTO task_times (time, index_uid, type, status, stretch, n, lowest, highest)
  SELECT 1, coalesce(index_uid, ''), type, status, started_at >> 20, count(*), min(uid), max(uid) FROM tasks
    WHERE status NOT IN ('enqueued', 'processing') AND started_at IS NOT NULL GROUP BY 2, 3, 4, 5;
INSERT INTO task_times (time, index_uid, type, status, stretch, n, lowest, highest)
  SELECT 2, coalesce(index_uid, ''), type, status, finished_at >> 20, count(*), min(uid), max(uid) FROM tasks
    WHERE status NOT IN ('enqueued', 'processing') AND finished_at IS NOT NULL GROUP BY 2, 3, 4, 5;

-- A task counts from its end on; what has not ended is few and has an index of its own.
CREATE TRIGGER tasks_timed_on_insert AFTER INSERT ON tasks WHEN new.status NOT IN ('enqueued', 'processing') BEGIN
  INSERT INTO task_times (time, index_uid, type, status, stretch, n, lowest, highest)
    SELECT which, coalesce(new.index_uid, ''), new.type, new.status, at >> 20, 1, new.uid, new.uid
      FROM (SELECT 0 AS which, new.created_at AS at UNION ALL SELECT 1, new.started_at UNION ALL SELECT 2, new.finished_at) WHERE at IS NOT NULL
    ON CONFLICT DO UPDATE SET n = n + 1, lowest = min(lowest, excluded.lowest), highest = max(highest, excluded.highest);
END;
CREATE TRIGGER tasks_timed_on_delete AFTER DELETE ON tasks WHEN old.status NOT IN ('enqueued', 'processing') BEGIN
  UPDATE task_times SET n = n - 1 WHERE time = 0 AND index_uid = coalesce(old.index_uid, '') AND type = old.type
    AND status = old.status AND stretch = old.created_at >> 20;
  UPDATE task_times SET n = n - 1 WHERE time = 1 AND index_uid = coalesce(old.index_uid, '') AND type = old.type
    AND status = old.status AND stretch = old.started_at >> 20;
  UPDATE task_times SET n = n - 1 WHERE time = 2 AND index_uid = coalesce(old.index_uid, '') AND type = old.type
    AND status = old.status AND stretch = old.finished_at >> 20;
END;
CREATE TRIGGER tasks_timed_on_update AFTER UPDATE OF status, index_uid, started_at, finished_at ON tasks
  WHEN old.status NOT IN ('enqueued', 'processing') OR new.status NOT IN ('enqueued', 'processing') BEGIN
  UPDATE task_times SET n = n - 1 WHERE old.status NOT IN ('enqueued', 'processing') AND time = 0
    AND index_uid = coalesce(old.index_uid, '') AND type = old.type AND status = old.status
    AND stretch = old.created_at >> 20;
  UPDATE task_times SET n = n - 1 WHERE old.status NOT IN ('enqueued', 'processing') AND time = 1
    AND index_uid = coalesce(old.index_uid, '') AND type = old.type AND status = old.status
    AND stretch = old.started_at >> 20;
  UPDATE task_times SET n = n - 1 WHERE old.status NOT IN ('enqueued', 'processing') AND time = 2
    AND index_uid = coalesce(old.index_uid, '') AND type = old.type AND status = old.status
    AND stretch = old.finished_at >> 20;
  INSERT INTO task_times (time, index_uid, type, status, stretch, n, lowest, highest)
    SELECT which, coalesce(new.index_uid, ''), new.type, new.status, at >> 20, 1, new.uid, new.uid
      FROM (SELECT 0 AS which, new.created_at AS at UNION ALL SELECT 1, new.started_at UNION ALL SELECT 2, new.finished_at)
      WHERE at IS NOT NULL AND new.status NOT IN ('enqueued', 'processing')
    ON CONFLICT DO UPDATE SET n = n + 1, lowest = min(lowest, excluded.lowest), highest = max(highest, excluded.highest);
END;
