-- Removes the rows that other runs have staged and will never load: their program was killed.
--
-- The CLI holds a lock of its session for each run (shared/repository/bulk_load_azure_sql.py), which
-- ends with its connection. Data Factory's activities have no common session: a day is longer than
-- all their timeouts and retries together. A run whose rows are removed too early loses nothing: its
-- load then finds fewer rows than it expects, and fails.
CREATE PROCEDURE spotify.remove_abandoned_rows
    @run_id nvarchar(64)
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @abandoned TABLE (
        run_id nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY
    );
    INSERT INTO @abandoned
    SELECT run_id FROM (
        SELECT run_id, MAX(staged_at) AS staged_at FROM spotify.features_staging
        WHERE run_id <> @run_id GROUP BY run_id
    ) AS other
    WHERE APPLOCK_TEST('public', CONCAT(N'spotify.run.', run_id), 'Exclusive', 'Session') = 1
        AND (run_id LIKE N'cli-%' OR staged_at < DATEADD(day, -1, SYSUTCDATETIME()));
    DELETE s FROM spotify.features_staging AS s JOIN @abandoned AS a ON a.run_id = s.run_id;
END
